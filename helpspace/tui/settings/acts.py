"""What the app does about settings: wearing a therapist's own keys, and keeping changes of them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from textual.app import App

from helpspace.core import terminal
from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.tui.actions import ACTIONS
from helpspace.tui.look import HelpspaceApp
from helpspace.tui.own_keys import Keys
from helpspace.tui.settings import keymap
from helpspace.tui.widgets.calendar_pane import CalendarPane
from helpspace.tui.widgets.key_bar import KeyBar


def change_keys(practice: Practice, actor: Actor, change: Callable[[Keys], Keys]) -> Keys:
    """Change the keys that the store has now, and return them; `change` refuses what cannot be.

    Another terminal of the same therapist takes them up at its next start.
    """
    keys, _ = keymap.worn(terminal.settings_of(practice, actor).keys)
    wanted = change(keys)
    terminal.keep_keys(practice, actor, keymap.stored(wanted))
    return wanted


def wear(app: App[Any], keys: Keys) -> bool:
    """Have other keys work and shown at once; return whether this app has keys of one's own."""
    if not isinstance(app, HelpspaceApp) or not app.wears_keys:
        return False
    app.own_keys = keys
    app.set_keymap(keys.keymap())
    for screen in app.screen_stack:
        for bar in screen.query(KeyBar):
            bar.refresh()
        for pane in screen.query(CalendarPane):
            pane.reload()
    return True


def left_out_words(left: Sequence[str]) -> str:
    """Say which of the stored keys do not work, and where that is mended; a sentence for `say`."""
    verbs = {one.id: one.verb for one in ACTIONS}
    named = ", ".join(verbs.get(name, name) for name in left[:2])
    more = f" and {len(left) - 2} more" if len(left) > 2 else ""
    tail = "has its usual key" if len(left) == 1 else "have their usual keys"
    return (
        f"Your own key cannot be used: {named}{more} {tail}. {{settings.open}} opens the settings."
    )
