"""What a profile's editor asks, and whether an answer will do: pure, for use while typing (P1, C8).

Answers are texts as people type them; several choices are one to a line. `values_of` turns right
ones into columns of the therapist's row.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Literal, NamedTuple

from helpspace.core import moments
from helpspace.core.errors import Invalid
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.plain import plain, plain_lines
from helpspace.core.policy import LEAST_FEE
from helpspace.core.wishes import APPROACHES, CONCERNS, LANGUAGES, MODALITIES, mask_of

Kind = Literal["text", "lines", "choices", "fee", "minutes", "notice", "zone", "yes", "handle"]
Texts = Mapping[str, str]

LONGEST_NOTICE = 60 * DAY
"""The longest minimum notice, in seconds."""

SHORTEST, LONGEST = 10, 180
"""Minutes of the sessions that a profile can promise."""

MOST_FEE = 10_000_00
"""The highest fee in pence."""

YES, NO = "yes", "no"

RESERVED = frozenset({
    "about", "account", "admin", "api", "bot", "calendar", "card", "client", "contact",
    "counsellor", "crisis", "emergency", "health", "help", "helpspace", "home", "join", "me",
    "none", "nhs", "null", "payments", "privacy", "profile", "root", "samaritans", "shout",
    "staff", "start", "static", "stripe", "support", "system", "team", "telegram", "terms",
    "therapist", "undefined", "urgent", "webhook", "www",
})  # fmt: skip
"""Handles that nobody gets: they would pass for the practice itself, or for help."""


class Field(NamedTuple):
    """One thing that a therapist says of themselves. `most` is in characters."""

    name: str
    label: str
    kind: Kind = "text"
    hint: str = ""
    most: int = 60
    options: tuple[str, ...] = ()


FIELDS = (
    Field("headline", "In one line", hint="The first thing a client reads.", most=120),
    Field("about", "About your work", "lines", "As you would say it to somebody new.", 1000),
    Field("concerns", "Helps with", "choices", "What you work with.", options=CONCERNS),
    Field("approaches", "Approaches", "choices", "How you work.", options=APPROACHES),
    Field("languages", "Languages", "choices", "In which you hold sessions.", options=LANGUAGES),
    Field("modalities", "Meets by", "choices", "How you meet clients.", options=MODALITIES),
    Field("initial_fee", "First fee", "fee", "Pounds for a first session; 0 is free of charge."),
    Field("initial_minutes", "First minutes", "minutes", "Length of a first session."),
    Field("follow_up_fee", "Later fee", "fee", "Pounds for later sessions; each can differ."),
    Field("follow_up_minutes", "Later minutes", "minutes", "Length of later sessions."),
    Field("notice", "Minimum notice", "notice",
          "How far ahead a new client must book, such as 24h or 2 days; it never limits you."),
    Field("zone", "Time zone", "zone", "Of your calendar, such as Europe/London."),
    Field("contact", "Contact", hint="What clients with a session get: a phone number or address.",
          most=120),
    Field("reopens", "Reopen slots", "yes",
          "Whether a first session's time is open again when its client cancels."),
    Field("handle", "Handle", "handle", "The end of your own link: 3 to 44 of a–z, 0–9, - and _.",
          most=44),
)  # fmt: skip

_BY_NAME = {field.name: field for field in FIELDS}


def field_of(name: str) -> Field:
    """Return a field by its name; Invalid for one that there is not."""
    if name not in _BY_NAME:
        raise Invalid("There is no such field", "Choose one of the profile's fields.")
    return _BY_NAME[name]


def clean(field: Field, text: str) -> str:
    """Return a text as it is kept: harmless (A3)."""
    if field.kind == "lines":
        return plain_lines(text, 8000)
    return plain_lines(text) if field.kind == "choices" else plain(text, 1000)


def problem(field: Field, text: str) -> str | None:
    """Return in one line why a text will not do, or None."""
    said = clean(field, text)
    if not said:
        return "Choose at least one." if field.kind == "choices" else "This is needed."
    try:
        _READERS[field.kind](field, said)
    except Invalid as refused:
        return f"{refused.title}. {refused.hint}"
    return None


def problems(texts: Texts) -> dict[str, str]:
    """Return what will not do, by field."""
    found = {field.name: problem(field, texts.get(field.name, "")) for field in FIELDS}
    return {name: line for name, line in found.items() if line is not None}


def value(name: str, text: str) -> str | int:
    """Return what a text means: pence, minutes, seconds, a mask, 0 or 1, or the text itself.

    Raises Invalid, with the next step, for what will not do.
    """
    field = field_of(name)
    said = clean(field, text)
    if not said:
        raise Invalid(f"{field.label} is missing", "Fill it in.")
    return _READERS[field.kind](field, said)


def understood(field: Field, text: str) -> str:
    """Return how a text was read, where that is not plain to see: "£60", "2 days"."""
    try:
        read = value(field.name, text)
    except Invalid:
        return ""
    if field.kind == "fee":
        return moments.pounds(int(read)) if read else "free of charge"
    if field.kind == "minutes":
        return f"{read} min"
    if field.kind == "notice":
        return notice_words(int(read))
    return moments.zone_word(str(read)) if field.kind == "zone" else ""


def notice_words(seconds: int | None) -> str:
    """Return a minimum notice as people say it: "24 h", "2 days", "none"."""
    if seconds is None:
        return "not chosen"
    return moments.show_minutes(seconds) if seconds else "none"


def write_notice(seconds: int | None) -> str:
    """Return a minimum notice as the editor shows it first; it reads back as the same."""
    if seconds is None:
        return ""
    if seconds % DAY == 0 and seconds >= 2 * DAY:
        return f"{seconds // DAY} days"
    if seconds % HOUR == 0:
        return f"{seconds // HOUR}h"
    hours, rest = divmod(seconds, HOUR)
    return f"{hours}h {rest // MINUTE}min" if hours else f"{rest // MINUTE}min"


def write_fee(pence: int) -> str:
    """Return a fee as the editor shows it first."""
    return moments.pounds(pence)[1:].replace(",", "")


# -- reading -------------------------------------------------------------------------------------


def _text(field: Field, said: str) -> str:
    if len(said) > field.most:
        over = len(said) - field.most
        raise Invalid(f"That is {over} characters too long", f"At most {field.most} fit.")
    if not any(character.isalnum() for character in said):
        raise Invalid("That says nothing", "Write some words.")
    return said


def _choices(field: Field, said: str) -> int:
    words = said.splitlines()
    other = [word for word in words if word not in field.options]
    if other:
        raise Invalid(f"“{other[0][:40]}” is not one of the choices", "Choose from the list.")
    return mask_of(words, field.options)


_POUNDS = re.compile(r"£?\s*([0-9]{1,6})(?:\.([0-9]{2}))?", re.ASCII)


def _fee(_field: Field, said: str) -> int:
    found = _POUNDS.fullmatch(said)
    if found is None:
        raise Invalid(f"“{said[:30]}” is no amount", "Write pounds like 60 or 60.50.")
    pence = int(found[1]) * 100 + int(found[2] or 0)
    if pence and not LEAST_FEE <= pence <= MOST_FEE:
        raise Invalid("A fee is £0, or from 30p to £10,000", "Correct the fee.")
    return pence


def _minutes(_field: Field, said: str) -> int:
    if not re.fullmatch("[0-9]{1,4}", said, re.ASCII):
        raise Invalid(f"“{said[:30]}” is no number of minutes", "Write a number like 50.")
    if not SHORTEST <= int(said) <= LONGEST:
        raise Invalid(f"A session has {SHORTEST} to {LONGEST} minutes", "Correct the length.")
    return int(said)


_UNITS = {"m": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}
_PART = re.compile(
    r"\s*([0-9]{1,6})\s*(weeks?|w|days?|d|hours?|hrs?|h|minutes?|mins?|m)(?![a-z])[\s,]*",
    re.ASCII,
)


def _notice(_field: Field, said: str) -> int:
    lowered = said.lower()
    seconds, at = 0, 0
    while at < len(lowered) and (found := _PART.match(lowered, at)):
        seconds += int(found[1]) * _UNITS[found[2][0]]
        at = found.end()
    if lowered in ("0", "none"):
        return 0
    if at < len(lowered):
        raise Invalid(f"“{said[:30]}” is no length of time", "Write one like 24h or 2 days.")
    if seconds > LONGEST_NOTICE:
        raise Invalid("A minimum notice is at most 60 days", "Write a shorter one.")
    return seconds


def _zone(_field: Field, said: str) -> str:
    moments.zone_of(said)
    return said


def _yes(_field: Field, said: str) -> int:
    if said not in (YES, NO):
        raise Invalid("That is neither yes nor no", "Choose one of them.")
    return int(said == YES)


_HANDLE = re.compile("[a-z0-9_-]{3,44}", re.ASCII)


def _handle(_field: Field, said: str) -> str:
    lowered = said.lower()
    if not _HANDLE.fullmatch(lowered):
        raise Invalid("A handle has 3 to 44 of a–z, 0–9, - and _", "Correct it.")
    if not any(character.isalnum() for character in lowered):
        raise Invalid("A handle needs a letter or digit", "Correct it.")
    if lowered in RESERVED:
        raise Invalid(f"“{lowered}” is kept for Helpspace itself", "Choose another handle.")
    return lowered


_READERS: dict[Kind, Callable[[Field, str], str | int]] = {
    "text": _text,
    "lines": _text,
    "choices": _choices,
    "fee": _fee,
    "minutes": _minutes,
    "notice": _notice,
    "zone": _zone,
    "yes": _yes,
    "handle": _handle,
}
