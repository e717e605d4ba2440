"""A calendar that shows what was done in it: the cursor goes there, and one sentence says it."""

from __future__ import annotations

from helpspace.tui import messages
from helpspace.tui.outcomes import booked_words, cancelled_words, series_words
from helpspace.tui.profile.acts import ProfileActs


class ToldPane(ProfileActs):
    """Takes up the messages of the forms and questions that were opened from it."""

    def on_follow_up_booked(self, event: messages.FollowUpBooked) -> None:
        session, desk = event.session, self.desk
        self.reload()
        self.grid.move_cursor_to(session.start)
        name = desk.name(session.other_name)
        self.status.done(booked_words(session, name, desk.zone, desk.now()))

    def on_series_booked(self, event: messages.SeriesBooked) -> None:
        sessions, desk = event.sessions, self.desk
        self.reload()
        self.grid.move_cursor_to(sessions[0].start)
        name = desk.name(sessions[0].other_name)
        self.status.done(series_words(sessions, name, desk.zone, desk.now()))

    def on_appointment_cancelled(self, event: messages.AppointmentCancelled) -> None:
        self.reload()
        desk = self.desk
        self.status.done(cancelled_words(event.session, event.found, desk.zone, desk.now()))

    def on_video_opened(self, event: messages.VideoOpened) -> None:
        from helpspace.tui.screens.session import video_words  # noqa: PLC0415

        self.status.done(video_words(event))
