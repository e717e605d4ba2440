"""The keys that work for whoever sits here: the table's, or the therapist's own in their place."""

from __future__ import annotations

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

from textual.app import App

from helpspace.tui.actions import NO_KEY, Action, known, shown_key

_NAMED = re.compile(r"\{([a-z]+\.[a-z_-]+)\}")
_PALETTE = "Ctrl+P"


class Keys:
    """What every line that shows a key asks, so that what is on screen is what works."""

    def __init__(self, own: Mapping[str, str] = MappingProxyType({})) -> None:
        """`own` has the whole keys of actions that differ from the table; none is an empty text.

        What a store says is made into it by `settings.keymap.worn`.
        """
        self.own = MappingProxyType(dict(own))
        self._said: dict[str, str] = {}

    def of(self, one: Action) -> str:
        """Return an action's keys as Textual names them, such as "up,k"."""
        return self.own.get(one.id, one.keys)

    def shown(self, one: Action) -> str:
        """Return an action's keys for people, such as "↑ k"."""
        return " ".join(shown_key(key) for key in self.of(one).split(",") if key)

    def first(self, one: Action) -> str:
        """Return the key that key bars show; an empty text where there is none."""
        return shown_key(self.of(one).partition(",")[0])

    def say(self, sentence: str) -> str:
        """Return a sentence with the key of each action that is named in it as "{area.verb}"."""
        if "{" not in sentence:
            return sentence
        if sentence not in self._said:
            self._said[sentence] = _NAMED.sub(self._named, sentence)
        return self._said[sentence]

    def _named(self, found: re.Match[str]) -> str:
        one = known(found[1])
        return found[0] if one is None else self.first(one) or _PALETTE

    def keymap(self) -> dict[str, str]:
        """Return what Textual is told: the ids of bindings with their other keys."""
        return {name: keys or NO_KEY for name, keys in self.own.items()}


USUAL = Keys()
"""The keys of the table."""


def keys_of(app: App[Any]) -> Keys:
    """Return the keys that work in an app; in any but the therapist's own those of the table."""
    found = getattr(app, "own_keys", USUAL)
    return found if isinstance(found, Keys) else USUAL
