"""A calendar that shows what was done in it: the cursor goes there, and one sentence says it."""

from __future__ import annotations

from datetime import date

from helpspace.core import moments
from helpspace.tui import messages
from helpspace.tui.clients.acts import ClientActs
from helpspace.tui.money.acts import MoneyActs
from helpspace.tui.outcomes import booked_words, cancelled_words, series_words
from helpspace.tui.profile.acts import ProfileActs
from helpspace.tui.terminal_acts import TerminalActs
from helpspace.tui.words import shown_when


class ToldPane(ProfileActs, MoneyActs, ClientActs, TerminalActs):
    """Takes up the messages of the forms and questions that were opened from it."""

    def go_to(self, day: date | None) -> None:
        """Go to a date, at the cursor's time of day."""
        raise NotImplementedError

    def on_follow_up_booked(self, event: messages.FollowUpBooked) -> None:
        session, desk = event.session, self.desk
        self.reload()
        self.view.move_cursor_to(session.start)
        name = desk.name(session.other_name)
        self.status.done(booked_words(session, name, desk.zone, desk.now()))

    def on_series_booked(self, event: messages.SeriesBooked) -> None:
        sessions, desk = event.sessions, self.desk
        self.reload()
        self.view.move_cursor_to(sessions[0].start)
        name = desk.name(sessions[0].other_name)
        self.status.done(series_words(sessions, name, desk.zone, desk.now()))

    def on_appointment_cancelled(self, event: messages.AppointmentCancelled) -> None:
        self.reload()
        desk = self.desk
        self.status.done(cancelled_words(event.session, event.found, desk.zone, desk.now()))

    def on_appointment_moved(self, event: messages.AppointmentMoved) -> None:
        session, desk = event.session, self.desk
        self.reload()
        self.view.move_cursor_to(session.start)
        when = shown_when(session.start, session.end, desk.zone, desk.now())
        self.status.done(f"Moved to {when}: {event.plan.words}.")

    def on_series_cancelled(self, event: messages.SeriesCancelled) -> None:
        from helpspace.tui.outcomes import series_cancelled_words  # noqa: PLC0415 - when first wanted

        self.reload()
        self.status.done(series_cancelled_words(event.endings, self.desk.zone, self.desk.now()))

    def on_time_off_taken(self, event: messages.TimeOffTaken) -> None:
        from helpspace.tui.outcomes import off_words  # noqa: PLC0415 - when first wanted

        self.reload()
        self.status.done(off_words(event.taken, self.desk.zone, self.desk.now()))

    def on_time_off_lifted(self) -> None:
        """Say that the time can be used again."""
        self.reload()
        self.status.done("Lifted: that time is yours again. Slots that it closed stay closed.")

    def on_found(self, event: messages.Found) -> None:
        """Go to what was looked for; a day as such keeps the time of the cursor."""
        if event.entry_id is None:
            self.go_to(moments.local_date(event.start, self.desk.zone))
            return
        self.view.move_cursor_to(event.start)
        entry_id = event.entry_id
        self.call_later(lambda: self.view.select(entry_id))

    def on_video_opened(self, event: messages.VideoOpened) -> None:
        from helpspace.tui.screens.session import video_words  # noqa: PLC0415 - when first wanted

        self.status.done(video_words(event))
