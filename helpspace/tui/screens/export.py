"""Saving the calendar as a file for another calendar app, with nothing in it that tells (N6)."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from textual.widget import Widget

from helpspace.core import feeds, moments
from helpspace.core.errors import Invalid
from helpspace.core.feeds import Feed
from helpspace.core.moments import DAY
from helpspace.filing import says, write_new
from helpspace.tui.action import Action
from helpspace.tui.desk import Desk
from helpspace.tui.join.paths import LONGEST, read_path
from helpspace.tui.messages import CalendarSaved
from helpspace.tui.own_keys import USUAL, Keys
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.widgets.field import Field

NAME = "appointments.ics"
"""What the file is called if nothing else is typed; it does not say whose appointments."""

HOSTED = "{profile.links} shows your calendar's address: another app reads it there."
"""What to do where nothing is written to a file, for `Keys.say`."""


class ExportModal(FormPanel):
    """Asks for the path, and says what will be in the file."""

    HEADING = "Save your calendar as a file"
    DO = "save"
    DEFAULT_CSS = """
    ExportModal Field > Input { width: 1fr; }
    ExportModal Field > .understood { width: auto; }
    ExportModal .preview { height: 5; }
    """

    def __init__(self, desk: Desk, *, hosted: bool = False, keys: Keys = USUAL) -> None:
        if hosted:
            raise Invalid("This host writes no files", keys.say(HOSTED))
        super().__init__(desk)
        self._span = feeds.own_span(desk.practice, desk.actor, desk.actor.id)
        self.path = Field("File", NAME, id="path")
        self.path.input.max_length = LONGEST

    def body(self) -> Iterable[Widget]:
        return (self.path, self.preview_line)

    def bar(self) -> list[tuple[Action, str]]:
        # There is no other field to go to.
        return [shown for shown in super().bar() if shown[0].id != "form.next"]

    def _target(self) -> Path:
        path = read_path(self.path.value)
        return path / NAME if path.is_dir() else path.absolute()

    def preview(self) -> Lines:
        desk, span = self.desk, self._span
        path = self._target()
        if path.exists():
            raise Invalid("There is a file of that name already", "Choose another name.")
        what = f"{span.count} appointments, from {feeds.BACK // DAY} days ago on"
        if span.first is not None and span.last is not None:
            first, last = (
                moments.show(at, desk.zone, reference=desk.now()) for at in (span.first, span.last)
            )
            what = f"{span.count} appointments, {first} to {last}"
        lines = [(what, "bold")]
        return [
            *lines,
            ("Titles say “Appointment” and initials; cancelled ones are left out.", ""),
            ("Only you can read the file; the video links are in it.", ""),
            (f"It goes to {path.parent}.", "$grid-quiet"),
        ]

    def start(self) -> None:
        path, desk = self._target(), self.desk
        self.act(
            lambda: save(path, feeds.own_feed(desk.practice, desk.actor, desk.actor.id)),
            lambda count: CalendarSaved(str(path), count),
        )


def save(path: Path, feed: Feed) -> int:
    """Write the appointments as a calendar file and return how many; a repeat is no fault.

    Raises Invalid where it cannot be written; a file that is there is never overwritten.
    """
    from helpspace import ics  # noqa: PLC0415 - slow to load

    content = ics.of_feed(feed)
    try:
        write_new(path, content)
    except FileExistsError:
        if not says(path, content):
            raise Invalid("There is a file of that name already", "Choose another name.") from None
    except OSError as error:
        why = (error.strerror or "the disk refused it").lower()
        raise Invalid(f"The file was not written: {why}", "Choose a folder of your own.") from None
    return len(feed.entries)


def saved_words(done: CalendarSaved) -> str:
    """Say what was saved and where."""
    what = "appointment" if done.count == 1 else "appointments"
    return f"{done.count} {what} saved in {done.path}"
