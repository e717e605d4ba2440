"""The rules of a therapist's own keys: which keys can be given to which action. Pure.

An action's keys are of two sorts. Fixed ones, such as Enter and the arrows, mean the same wherever
they work: they stay, and no other action gets them. The free ones are what can be changed. A store
keeps, for each action that differs from the table, only its free keys.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

from helpspace.core.errors import Invalid
from helpspace.tui.actions import ACTIONS, NO_KEY, Action, Place, shown_key
from helpspace.tui.own_keys import Keys

FIXED = frozenset({
    "enter", "escape", "tab", "shift+tab", "up", "down", "left", "right",
    "ctrl+q", "ctrl+c", "ctrl+p",
})  # fmt: skip
"""Keys that mean the same everywhere, and lead out of everything."""

TWINS = {
    "ctrl+i": "Tab", "ctrl+m": "Enter", "ctrl+j": "Enter", "ctrl+h": "Backspace",
    "ctrl+left_square_bracket": "Esc", "backspace": "Ctrl+H",
}  # fmt: skip
"""Keys that many terminals send just as another one."""

_STAYING = FIXED | frozenset(TWINS)
"""Keys that an action of the table keeps, and that none is given."""

TYPING = frozenset({
    Place.FORM, Place.DATE, Place.LOCKED, Place.PROFILE, Place.PROOFS, Place.PICTURE,
    Place.BEGINNING, Place.APPLICATION, Place.CHOICES, Place.FILE, Place.DOCUMENT, Place.FOLDER,
})  # fmt: skip
"""Places where text is typed: their few keys stay, so that none of them eats a letter."""

ELSEWHERE = frozenset({Place.JOINING, Place.PAYMENTS, Place.AWAY})
"""Places of joining, which is another program."""

_TOGETHER = (frozenset({Place.CALENDAR, Place.MOVING}),)
"""Places whose keys work at the same time; those of everywhere do with every place."""

MOST = 3
"""Keys of one action."""

_NAME = re.compile(r"[A-Za-z0-9_+]{1,40}")
"""A key's name, as the store takes it."""

_NO_LETTER = re.compile(r"(?:ctrl|alt)\+\w+|f\d{1,2}")
"""Keys that nobody types a text with."""


def free_keys(keys: str) -> tuple[str, ...]:
    """Return the keys of a text such as "enter,x" that can be changed."""
    return tuple(key for key in keys.split(",") if key and key not in _STAYING and key != NO_KEY)


def can_change(one: Action) -> bool:
    """Say whether an action can have keys of a therapist's own."""
    if one.place in TYPING or one.place in ELSEWHERE:
        return False
    return bool(free_keys(one.keys)) or not one.keys


def whole(one: Action, free: Iterable[str]) -> str:
    """Return all keys of an action with other free keys, in the place of the first of the table."""
    kept: list[str] = []
    own = list(free)
    for key in one.keys.split(","):
        if key in _STAYING:
            kept.append(key)
        else:
            kept, own = kept + own, []
    return ",".join([*kept, *own])


def check_key(key: str) -> None:
    """Refuse a key that cannot be given to any action."""
    if key in FIXED:
        raise Invalid(
            f"{shown_key(key)} stays what it is", "It leads through everything; press another."
        )
    if key in TWINS:
        title = f"Many terminals send {shown_key(key)} just as {TWINS[key]}"
        raise Invalid(title, "Press another key.")
    if not _NAME.fullmatch(key) or key == NO_KEY:
        raise Invalid("This key has no name that can be kept", "Press another key.")


def check_for(one: Action, key: str) -> None:
    """Refuse a key that an action cannot have; one that works in forms must be no letter there."""
    check_key(key)
    if one.priority and not _NO_LETTER.fullmatch(key):
        title = f"“{one.verb}” works while text is typed, too"
        raise Invalid(title, "Choose a key with Ctrl for it, or F1 to F12.")


def meets(one: Action, other: Action) -> bool:
    """Say whether the keys of two actions can work at the same time."""
    if one.id == other.id:
        return False
    places = {one.place, other.place}
    if len(places) == 1 or any(places <= group for group in _TOGETHER):
        return True
    return Place.EVERYWHERE in places and not places & ELSEWHERE


def clashes(keys: Keys, one: Action, key: str) -> tuple[Action, ...]:
    """Return the actions that have a key already where this one would have it, too.

    Two that share it in the table may go on so: the nearer one then comes first, as with the key
    that goes back from a page and leaves the program from the calendar.
    """
    usual = key in one.keys.split(",")
    return tuple(
        other
        for other in ACTIONS
        if meets(one, other)
        and key in keys.of(other).split(",")
        and not (usual and key in other.keys.split(","))
    )


def worn(stored: Mapping[str, str]) -> tuple[Keys, tuple[str, ...]]:
    """Return the keys that a store's words make, and the ids of those that are left out.

    Left out, one by one, is what an older or newer program may have kept: an action that there is
    not, a key that cannot be given, one that another action has.
    """
    by_id = {one.id: one for one in ACTIONS}
    own = {
        name: whole(by_id[name], _named(text))
        for name, text in sorted(stored.items())
        if name in by_id and _is_good(by_id[name], text)
    }
    while bad := _first_clash(Keys(own), own, by_id):
        del own[bad]
    return Keys(own), tuple(name for name in sorted(stored) if name not in own)


def _named(text: str) -> tuple[str, ...]:
    """The free keys in a store's words; `NO_KEY` says that there is none."""
    return tuple(key for key in text.split(",") if key != NO_KEY)


def _is_good(one: Action, text: str) -> bool:
    if not can_change(one) or not isinstance(text, str):
        return False
    named = _named(text)
    if len(named) > MOST or len(set(named)) < len(named) or not (named or can_lose(one)):
        return False
    try:
        for key in named:
            check_for(one, key)
    except Invalid:
        return False
    return True


def _first_clash(keys: Keys, own: Mapping[str, str], by_id: Mapping[str, Action]) -> str | None:
    """The last of the therapist's own actions that has a key which another one has."""
    for name in sorted(own, reverse=True):
        one = by_id[name]
        if any(clashes(keys, one, key) for key in free_keys(own[name])):
            return name
    return None


def can_lose(one: Action) -> bool:
    """Say whether an action can still be reached without any free key."""
    return one.palette or any(key in _STAYING for key in one.keys.split(","))


def give(keys: Keys, one: Action, free: Iterable[str]) -> Keys:
    """Return the keys with other free ones for an action; no check is made here."""
    own = dict(keys.own)
    own[one.id] = whole(one, free)
    if own[one.id] == one.keys:
        del own[one.id]
    return Keys(own)


def take(keys: Keys, other: Action, key: str) -> Keys:
    """Take a key from the action that has it; refuses where it could not be reached any more."""
    left = [one for one in free_keys(keys.of(other)) if one != key]
    if not left and not can_lose(other):
        raise Invalid(f"“{other.verb}” would have no key", "Swap the two, or press another key.")
    return give(keys, other, left)


def swap(keys: Keys, one: Action, other: Action, key: str) -> Keys:
    """Give an action a key of another one, which gets the free keys that this one had."""
    mine = free_keys(keys.of(one))
    theirs = [had for had in free_keys(keys.of(other)) if had != key]
    swapped = give(give(keys, one, (key,)), other, (*mine, *theirs))
    for had in mine:
        check_for(other, had)
        if found := clashes(swapped, other, had):
            title = f"“{other.verb}” cannot have {shown_key(had)}: “{found[0].verb}” has it"
            raise Invalid(title, "Take the key instead, or press another.")
    return swapped


def usual(keys: Keys, one: Action) -> Keys:
    """Give an action back the keys of the table; refuses while another one has one of them."""
    back = Keys({name: text for name, text in keys.own.items() if name != one.id})
    for key in free_keys(one.keys):
        if found := clashes(back, one, key):
            title = f"{shown_key(key)} is the key of “{found[0].verb}” now"
            raise Invalid(title, "Give that one another key first.")
    return back


def stored(keys: Keys) -> dict[str, str]:
    """Return what a store keeps of them."""
    return {name: ",".join(free_keys(text)) or NO_KEY for name, text in sorted(keys.own.items())}
