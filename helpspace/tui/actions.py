"""THE table of actions: keys, words and help of everything the therapist's terminal can do.

Bindings, key bars, the palette, the help screen and docs/keys.md are all made from it, so that
they cannot differ.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable
from functools import cache
from typing import Any

from textual.binding import Binding, BindingType

from helpspace.tui import calendar_keys
from helpspace.tui.action import Action, Place, Under, shown_key

__all__ = [
    "ACTIONS", "NO_KEY", "Action", "Place", "Under", "action", "bar", "bindings", "keys_page",
    "known", "of", "shown_key",
]  # fmt: skip


NO_KEY = "no_key"
"""No keyboard has it: what a binding is told that has no key, so that it can be given one."""

ACTIONS: tuple[Action, ...]
"""All of them; the tables behind the calendar's doors are read when it is first asked for."""


def __getattr__(name: str) -> Any:
    if name == "ACTIONS":
        return _all()
    raise AttributeError(name)


@cache
def _all() -> tuple[Action, ...]:
    from helpspace.tui.clients.keys import CLIENTS  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.form_keys import FORMS  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.join.keys import JOINING  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.learn.keys import LEARNING  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.lock.keys import LOCKING  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.money.keys import MONEY  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.opened.keys import OPENED  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.profile.keys import PROFILE  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.settings.keys import SETTINGS  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.today.keys import TODAY  # noqa: PLC0415 - a calendar is shown without
    from helpspace.tui.tour.keys import TOURING  # noqa: PLC0415 - a calendar is shown without

    return (
        *calendar_keys.CALENDAR, *FORMS, *PROFILE, *JOINING, *LEARNING, *TODAY, *MONEY, *OPENED,
        *CLIENTS, *SETTINGS, *LOCKING, *TOURING,
    )  # fmt: skip


@cache
def of(place: Place) -> tuple[Action, ...]:
    """Return the actions of one place, in their order."""
    rows = calendar_keys.CALENDAR if place in calendar_keys.PLACES else _all()
    return tuple(one for one in rows if one.place is place)


def action(action_id: str) -> Action:
    """Return the action of an id; raises KeyError where there is none."""
    if (found := known(action_id)) is None:
        raise KeyError(action_id)
    return found


def known(action_id: str) -> Action | None:
    """Return the action of an id, or None."""
    return _NEAR.get(action_id) or _by_id().get(action_id)


_NEAR = {one.id: one for one in calendar_keys.CALENDAR}


@cache
def _by_id() -> dict[str, Action]:
    return {one.id: one for one in _all()}


def bindings(*places: Place) -> list[BindingType]:
    """Return Textual's bindings for some places."""
    return [_binding(one) for place in places for one in of(place)]


def _binding(one: Action) -> Binding:
    return Binding(
        one.keys or NO_KEY,
        one.run,
        one.verb.partition(": ")[2].capitalize(),
        show=False,
        tooltip=one.help,
        id=one.id,
        priority=one.priority,
    )


def bar(
    places: Iterable[Place], under: Under, without: Collection[str] = ()
) -> list[tuple[Action, str]]:
    """Return what a key bar shows for what the cursor is on: actions with their words.

    `without` names actions for which there is nothing just now.
    """
    every = (one for place in places for one in of(place) if one.id not in without)
    return [(one, one.bar[under]) for one in every if under in one.bar]


def keys_page() -> str:
    """Return docs/keys.md: every key, from the table."""
    lines = [
        "# Keys",
        "",
        "Every key of the therapist's terminal. This page is made from the table in",
        "`helpspace/tui/actions.py`; the help (`?`) and the palette (`Ctrl+P`) show the same.",
        "The mouse does it too: a click moves the cursor, a double click opens, a drag over free",
        "time marks a slot, and the words in the line of keys are buttons.",
        "",
        "You can have keys of your own: the settings (`S`) change most of these under “Keys”, and",
        "whatever shows a key then shows yours. Enter, Esc, Tab, the arrows, `Ctrl+Q`, `Ctrl+C`,",
        "`Ctrl+P` stay what they are, and so do the keys of places where text is typed.",
    ]
    for place in Place:
        rows = of(place)
        lines += ["", f"## {place}", "", "| key | does | in the palette |", "|---|---|---|"]
        for one in rows:
            keys = " ".join(f"`{shown_key(key)}`" for key in one.keys.split(",") if key) or "–"
            lines.append(f"| {keys} | {one.help} | {one.verb if one.palette else '–'} |")
    return "\n".join(lines) + "\n"
