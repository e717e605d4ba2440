"""What a client looks for, by buttons: each wish can be skipped and changed (P4, K3a)."""

from __future__ import annotations

from typing import NamedTuple

from helpspace.bot.screens.base import HOME, Button, Row, Screen, button, lines, paragraphs
from helpspace.core import hours
from helpspace.core.moments import pounds
from helpspace.core.wishes import (
    APPROACHES,
    CONCERNS,
    GENDERS,
    LANGUAGES,
    MODALITIES,
    Wishes,
    words_of,
)

ON_A_PAGE = 10
"""Choices on one page, two in a row."""

FEES = (0, 3000, 4000, 5000, 6000, 8000, 10000)
"""The fees, in pence, up to which a client can look."""


class Field(NamedTuple):
    """One wish: its name on a button, what is asked, and the choices."""

    label: str
    question: str
    choices: tuple[str, ...]


def fee_words(pence: int) -> str:
    """Return a wish about the fee in words."""
    return f"Up to {pounds(pence)}" if pence else "Free of charge"


FIELDS = (
    Field("Concerns", "What should they work with?", CONCERNS),
    Field("Approach", "How should they work?", APPROACHES),
    Field("Language", "In which language?", LANGUAGES),
    Field(
        "Counsellor's gender",
        "Who would you rather talk to?",
        tuple(w.capitalize() for w in GENDERS),
    ),
    Field("Fee", "What may a first session cost?", tuple(map(fee_words, FEES))),
    Field(
        "Days and times",
        "When could you come?",
        (*hours.DAYS, *(part.capitalize() for part in hours.PARTS)),
    ),
    Field("Online or phone", "How would you like to meet?", MODALITIES),
)
"""What can be wished for; their places are what the buttons carry."""


def chosen(wishes: Wishes, field: int) -> list[bool]:
    """Return which choices of a field are wished for, in their order."""
    if field == 3:
        return [gender in wishes.genders for gender in GENDERS]
    if field == 4:
        return [pence == wishes.fee_up_to for pence in FEES]
    mask = (
        wishes.concerns,
        wishes.approaches,
        wishes.languages,
        0,
        0,
        wishes.days | wishes.parts << len(hours.DAYS),
        wishes.modalities,
    )[field]
    return [bool(mask >> bit & 1) for bit in range(len(FIELDS[field].choices))]


def said(wishes: Wishes, field: int) -> str:
    """Return what is wished for in a field, in words; empty where nothing is."""
    if field == 5:
        return hours.words(wishes.days, wishes.parts)
    mask = sum(1 << bit for bit, on in enumerate(chosen(wishes, field)) if on)
    return ", ".join(words_of(mask, FIELDS[field].choices))


def overview(wishes: Wishes, *, again: bool) -> Screen:
    """Return all wishes; `again` offers those of the last booking."""
    told = [
        f"{field.label}: {words}" for at, field in enumerate(FIELDS) if (words := said(wishes, at))
    ]
    body = paragraphs(
        lines(*told) or "Nothing chosen yet, so everybody is shown.",
        "Choose what matters to you and skip the rest. Nobody is left out by it; who fits best"
        " comes first.",
        "It is forgotten a day after you last used the chat, unless you book a session.",
    )
    fields = [button(field.label, "wish", at, 0) for at, field in enumerate(FIELDS)]
    last: Row = ()
    if told:
        last = (button("Clear my wishes", "clear"),)
    elif again:
        last = (button("The same as last time", "again"),)
    rows = (
        (button("Show who fits", "find", 0),),
        *(tuple(fields[at : at + 2]) for at in range(0, len(fields), 2)),
        last,
        (HOME, button("‹ Back", "find", 0)),
    )
    return Screen("What I look for", body, rows)


def field(wishes: Wishes, at: int, page: int) -> Screen:
    """Return the choices of one wish, a page of them."""
    found = FIELDS[at]
    on = chosen(wishes, at)
    last = (len(found.choices) - 1) // ON_A_PAGE
    page = min(page, last)
    begins = page * ON_A_PAGE
    buttons = [
        _choice(at, bit, found.choices[bit], page, on=on[bit])
        for bit in range(begins, min(begins + ON_A_PAGE, len(found.choices)))
    ]
    rows: list[Row] = [tuple(buttons[one : one + 2]) for one in range(0, len(buttons), 2)]
    if last:
        label = "More choices ›" if page < last else "‹ First choices"
        rows.append((button(label, "wish", at, page + 1 if page < last else 0),))
    rows.append((button("Show who fits", "find", 0),))
    rows.append((HOME, button("‹ Back", "wishes")))
    words = said(wishes, at)
    body = lines(
        f"Chosen: {words}." if words else "Nothing chosen, so it does not matter.",
        "Tap to choose, tap again to take it back.",
    )
    return Screen(found.question, body, tuple(rows))


def _choice(at: int, bit: int, label: str, page: int, *, on: bool) -> Button:
    return button(f"✓ {label}" if on else label, "want", at, bit, int(not on), page)
