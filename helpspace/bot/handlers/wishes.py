"""Saying what one looks for, tap by tap; it is kept in the draft of the dialogue only (K3a)."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from helpspace.bot.codec import data
from helpspace.bot.screens import wishes as screens
from helpspace.bot.visit import Reply, Visit
from helpspace.core import hours, kept_wishes
from helpspace.core.wishes import GENDERS, Wishes, written

_MASKS = {0: "concerns", 1: "approaches", 2: "languages", 6: "modalities"}
_GENDER, _FEE, _WHEN = 3, 4, 5


def overview(visit: Visit) -> Reply:
    """Show all wishes."""
    return _overview(visit, visit.wishes())


def field(visit: Visit, at: str, page: str) -> Reply:
    """Show the choices of one wish."""
    return Reply(screens.field(visit.wishes(), int(at), int(page)), data("wish", at, page))


def want(visit: Visit, at: str, choice: str, on: str, page: str) -> Reply:
    """Choose something or take it back; the button says which, so a second tap changes nothing."""
    wished = _with(visit.wishes(), int(at), int(choice), on=on == "1")
    screen = screens.field(wished, int(at), int(page))
    return Reply(screen, data("wish", at, page), _draft(visit, wished))


def clear(visit: Visit) -> Reply:
    """Forget all wishes."""
    return _overview(visit, Wishes(zone=visit.zone()), changed=True)


def again(visit: Visit) -> Reply:
    """Take up the wishes that were kept with the last booking."""
    return _overview(visit, kept_wishes.latest(visit.practice, visit.me), changed=True)


def _overview(visit: Visit, wished: Wishes | None, *, changed: bool = False) -> Reply:
    wished = visit.wishes() if wished is None else wished
    kept = not wished.count and kept_wishes.latest(visit.practice, visit.me) is not None
    draft = _draft(visit, wished) if changed else None
    return Reply(screens.overview(wished, again=kept), data("wishes"), draft)


def _draft(visit: Visit, wished: Wishes) -> dict[str, Any]:
    """Return the draft with these wishes; other wishes make another search, with its own lots."""
    return visit.drafted(**{kept_wishes.DRAFT: written(wished) or None}, salt=None)


def _with(wished: Wishes, at: int, choice: int, *, on: bool) -> Wishes:
    """Return wishes with one choice changed; one that there is not changes nothing."""
    if choice >= len(screens.FIELDS[at].choices):
        return wished
    if at == _GENDER:
        genders = (
            {*wished.genders, GENDERS[choice]} if on else {*wished.genders} - {GENDERS[choice]}
        )
        return replace(wished, genders=tuple(one for one in GENDERS if one in genders))
    if at == _FEE:
        return replace(wished, fee_up_to=screens.FEES[choice] if on else None)
    if at == _WHEN:
        days = len(hours.DAYS)
        if choice < days:
            return replace(wished, days=_bit(wished.days, choice, on=on))
        return replace(wished, parts=_bit(wished.parts, choice - days, on=on))
    name = _MASKS[at]
    changed: dict[str, Any] = {name: _bit(getattr(wished, name), choice, on=on)}
    return replace(wished, **changed)


def _bit(mask: int, bit: int, *, on: bool) -> int:
    return mask | 1 << bit if on else mask & ~(1 << bit)
