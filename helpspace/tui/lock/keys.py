"""The actions on the lock, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, always

LOCKING = (
    Action(
        "lock.now", "ctrl+l", "lock: now",
        "Lock the terminal: nothing is seen until the passphrase is typed.",
        Place.EVERYWHERE, "app.lock_now", palette=True, priority=True,
    ),
    Action(
        "lock.set", "", "lock: set, change or take off",
        "Choose a passphrase, and after how many idle minutes the terminal asks for it.",
        Place.CALENDAR, "lock", palette=True,
    ),
    Action(
        "locked.open", "enter", "lock: open", "Open the terminal with the passphrase.",
        Place.LOCKED, "open", always("open"), priority=True,
    ),
    Action(
        "locked.show", "f2", "lock: show what is typed", "Show what is typed, or hide it again.",
        Place.LOCKED, "show", always("show what is typed"), priority=True,
    ),
)  # fmt: skip
