"""Setting, changing and taking off the lock."""

from __future__ import annotations

from collections.abc import Iterable

from textual.widget import Widget

from helpspace.core import terminal, terminal_lock
from helpspace.core.errors import Invalid
from helpspace.tui.desk import Desk
from helpspace.tui.messages import LockKept
from helpspace.tui.own_keys import keys_of
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.widgets.field import Field

USUAL = 10
"""Idle minutes that are proposed."""


class LockModal(FormPanel):
    """Asks for a new passphrase twice, and for the present one where there is a lock."""

    HEADING = "The lock of this terminal"
    DO = "keep it"
    DEFAULT_CSS = """
    LockModal Field > .label { width: 12; }
    LockModal Field > Input { width: 30; }
    LockModal Field.-short > Input { width: 10; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        minutes = terminal.settings_of(desk.practice, desk.actor).lock_minutes
        self.locked = minutes is not None
        """Whether there is a lock already."""
        self.present = Field("Present", "", id="present", secret=True, longest=200)
        self.new = Field("New", "", id="new", secret=True, longest=200)
        self.again = Field("Once more", "", id="again", secret=True, longest=200)
        self.minutes = Field("After", str(minutes or USUAL), id="minutes", short=True)

    def body(self) -> Iterable[Widget]:
        if self.locked:
            yield self.present
        yield from (self.new, self.again, self.minutes, self.preview_line)

    def preview(self) -> Lines:
        for field in (self.present, self.new, self.again, self.minutes):
            field.understood("")
        if self.locked:
            self.present.understood("the passphrase that it has")
        if self._takes_off:
            self.new.understood("nothing: takes the lock off")
            return [("Enter takes the lock off: nobody is asked any more.", "")]
        self.new.understood(f"{terminal_lock.SHORTEST} characters or more")
        minutes = self._minutes()
        self.minutes.understood("minutes without a key")
        if self.again.value and self.again.value != self.new.value:
            self.again.understood("differs from the line above")
        return [
            (f"After {minutes} min without a key or the mouse, and at each start, this", ""),
            ("terminal shows nothing until the passphrase is typed.", ""),
            (keys_of(self.app).say("{lock.now} locks it at once."), "$grid-quiet"),
        ]

    @property
    def _takes_off(self) -> bool:
        return self.locked and not self.new.value and not self.again.value

    def _minutes(self) -> int:
        written = self.minutes.value.strip()
        if not (written.isascii() and written.isdigit() and len(written) <= 3):
            raise Invalid(
                f"The terminal locks after 1 to {terminal_lock.LONGEST_IDLE} minutes",
                "Write a number.",
            )
        return int(written)

    def start(self) -> None:
        desk, present, new = self.desk, self.present.value, self.new.value
        if self._takes_off:

            def take_off() -> None:
                terminal_lock.take_lock_off(desk.practice, desk.actor, present)

            self.act(take_off, lambda _: LockKept(None))
            return
        if new != self.again.value:
            raise Invalid("The two passphrases differ", "Type the new one once more.")
        minutes = self._minutes()

        def keep() -> int:
            terminal_lock.keep_lock(desk.practice, desk.actor, new, minutes, current=present)
            return minutes

        self.act(keep, LockKept)
