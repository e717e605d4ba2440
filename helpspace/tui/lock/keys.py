"""The actions on the lock, for the table of all actions."""

from __future__ import annotations

from helpspace.tui.action import Action, Place, always

LOCKING = (
    Action(
        "locked.open", "enter", "lock: open", "Open the terminal with the passphrase.",
        Place.LOCKED, "open", always("open"), priority=True,
    ),
    Action(
        "locked.show", "f2", "lock: show what is typed", "Show what is typed, or hide it again.",
        Place.LOCKED, "show", always("show what is typed"), priority=True,
    ),
)  # fmt: skip
