"""The therapist's boundaries: own cap, break and minimum notice, with the switch beside them."""

from __future__ import annotations

from collections.abc import Iterable

from textual.containers import Horizontal
from textual.widget import Widget

from helpspace.core import boundaries, moments
from helpspace.core.boundaries import Boundaries
from helpspace.core.errors import Invalid
from helpspace.core.joining import profile, profile_fields
from helpspace.tui.desk import Desk
from helpspace.tui.messages import BoundariesKept
from helpspace.tui.own_keys import keys_of
from helpspace.tui.reading import read_minutes
from helpspace.tui.screens.form import FormPanel, Lines
from helpspace.tui.widgets.field import Field


class BoundariesModal(FormPanel):
    """Keeps what the therapist wants of their days; it warns in the forms, and never refuses."""

    HEADING = "Your boundaries"
    DO = "keep them"
    DEFAULT_CSS = """
    BoundariesModal .preview { height: 6; }
    BoundariesModal .pair { height: 2; }
    """

    def __init__(self, desk: Desk) -> None:
        super().__init__(desk)
        now = boundaries.boundaries_of(desk.practice, desk.actor)
        self._draft = profile.profile_draft(desk.practice, desk.actor, desk.actor.id)
        cap = "" if now.cap is None else str(now.cap)
        self.cap = Field("A day", cap, id="cap", placeholder="no cap", short=True)
        self.rest = Field("Break", str(now.rest), id="rest", short=True)
        self.notice = Field("Notice", self._draft.texts["notice"], id="notice", placeholder="24h")

    def body(self) -> Iterable[Widget]:
        return (
            Horizontal(self.cap, self.rest, classes="pair"),
            self.notice,
            self.preview_line,
        )

    def _read(self) -> tuple[Boundaries, str]:
        for field in (self.cap, self.rest, self.notice):
            field.understood("")
        cap = self._cap()
        self.cap.understood("no cap" if cap is None else "sessions")
        rest = read_minutes(self.rest.value or "0")
        self.rest.understood("minutes" if rest else "none")
        wanted = boundaries.checked(Boundaries(cap, rest))
        notice = self.notice.value.strip()
        if not notice and not self._draft.texts["notice"]:
            self.notice.understood("not chosen: clients cannot see you")
            return wanted, notice
        seconds = int(profile_fields.value("notice", notice))
        self.notice.understood(profile_fields.notice_words(seconds))
        return wanted, notice

    def _cap(self) -> int | None:
        written = self.cap.value.strip()
        if not written:
            return None
        if not (written.isascii() and written.isdigit()):
            raise Invalid(
                f"“{written[:30]}” is no number of sessions", "Write one like 5, or nothing."
            )
        return int(written)

    def preview(self) -> Lines:
        self._read()
        draft = self._draft
        holidays = "switched off for holidays" if draft.switched_off else "on"
        switch = (
            f"Your profile is {holidays}; {{profile.holidays}} in the calendar turns the switch."
        )
        quiet = (
            f"Quiet hours: no sound in a client's chat from {moments.NIGHT_FROM}:00"
            f" to {moments.NIGHT_UNTIL:02}:00."
        )
        return [
            ("Where a day passes your cap, or a break is shorter than you want,", ""),
            ("the form says so; nothing is refused. Open slots count, too.", ""),
            ("The notice is for clients who book a first session, not for you.", ""),
            (keys_of(self.app).say(switch), "$grid-quiet"),
            (quiet, "$grid-quiet"),
        ]

    def start(self) -> None:
        wanted, notice = self._read()
        desk, draft = self.desk, self._draft

        def keep() -> Boundaries:
            profile.change_days(desk.practice, desk.actor, wanted, notice, version=draft.version)
            return wanted

        self.act(keep, BoundariesKept)
