"""What has happened, as messages: acts that were done or refused, and changes from elsewhere.

They bubble from the calendar to the app, so that whatever contains it can follow.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from textual.message import Message

from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Opened, SlotView
from helpspace.core.errors import HelpspaceError
from helpspace.core.policy import Consequence

if TYPE_CHECKING:
    from helpspace.core.booking import AbsenceView, Ending, MovePlan, MoveRequestView, WaivePlan
    from helpspace.core.boundaries import Boundaries
    from helpspace.core.invitations import Invitation
    from helpspace.core.joining.profile import Saved, Switch
    from helpspace.core.openings import TakenBack
    from helpspace.core.time_off import Taken, TimeOffView
    from helpspace.tui.own_keys import Keys


class SlotsOpened(Message):
    """The therapist opened one slot or a weekly repeat."""

    def __init__(self, opened: Opened) -> None:
        super().__init__()
        self.opened = opened


class SlotClosed(Message):
    """The therapist withdrew an open slot."""

    def __init__(self, slot: SlotView) -> None:
        super().__init__()
        self.slot = slot


class SlotsTakenBack(Message):
    """The therapist took back an opening of slots."""

    def __init__(self, done: TakenBack) -> None:
        super().__init__()
        self.done = done


class FollowUpBooked(Message):
    """The therapist booked a follow-up."""

    def __init__(self, session: AppointmentView) -> None:
        super().__init__()
        self.session = session


class SeriesBooked(Message):
    """The therapist booked a weekly series; the sessions in their order."""

    def __init__(self, sessions: tuple[AppointmentView, ...]) -> None:
        super().__init__()
        self.sessions = sessions


class AppointmentMoved(Message):
    """The therapist moved a session; `plan` is what was shown before it (M10)."""

    def __init__(self, session: AppointmentView, plan: MovePlan) -> None:
        super().__init__()
        self.session = session
        self.plan = plan


class SeriesCancelled(Message):
    """The therapist cancelled a session and the later ones of its series (B8)."""

    def __init__(self, endings: tuple[Ending, ...]) -> None:
        super().__init__()
        self.endings = endings


class TimeOffTaken(Message):
    """The therapist took time off (C7)."""

    def __init__(self, taken: Taken) -> None:
        super().__init__()
        self.taken = taken


class TimeOffLifted(Message):
    """The therapist lifted time off: that time can be opened and booked again (C7)."""

    def __init__(self, lifted: TimeOffView) -> None:
        super().__init__()
        self.lifted = lifted


class AppointmentCancelled(Message):
    """The therapist cancelled a session."""

    def __init__(self, session: AppointmentView, found: Consequence) -> None:
        super().__init__()
        self.session = session
        self.found = found


class FeeWaived(Message):
    """The therapist let a fee go; `plan` is what was shown before it (M9)."""

    def __init__(self, session: AppointmentView, plan: WaivePlan) -> None:
        super().__init__()
        self.session = session
        self.plan = plan


class MarkedMissed(Message):
    """The therapist marked that the client did not come (M9)."""

    def __init__(self, session: AppointmentView) -> None:
        super().__init__()
        self.session = session


class MoveRefused(Message):
    """The therapist said that a session stays where it is, which its client asked to move (B2)."""

    def __init__(self, request: MoveRequestView) -> None:
        super().__init__()
        self.request = request


class Invited(Message):
    """The therapist made an invitation; only here its link is known."""

    def __init__(self, invitation: Invitation) -> None:
        super().__init__()
        self.invitation = invitation


class InvitationTakenBack(Message):
    """The therapist took an invitation back that nobody had accepted."""


class CalendarSaved(Message):
    """The therapist saved their calendar as a file."""

    def __init__(self, path: str, count: int) -> None:
        super().__init__()
        self.path = path
        self.count = count


class AbsenceAgreed(Message):
    """The therapist agreed that they did not come to a session (M9)."""

    def __init__(self, report: AbsenceView) -> None:
        super().__init__()
        self.report = report


class ProfileSaved(Message):
    """The therapist saved their profile."""

    def __init__(self, saved: Saved) -> None:
        super().__init__()
        self.saved = saved


class ProfileSwitched(Message):
    """The therapist switched their profile off for holidays, or on again."""

    def __init__(self, switched: Switch) -> None:
        super().__init__()
        self.switched = switched


class BoundariesKept(Message):
    """The therapist set their own limits of a day."""

    def __init__(self, kept: Boundaries) -> None:
        super().__init__()
        self.kept = kept


class KeysKept(Message):
    """The therapist gave actions keys of their own, or the usual ones back."""

    def __init__(self, keys: Keys) -> None:
        super().__init__()
        self.keys = keys


class LockKept(Message):
    """The therapist set the lock of their terminal to some idle minutes, or took it off."""

    def __init__(self, minutes: int | None) -> None:
        super().__init__()
        self.minutes = minutes


class Found(Message):
    """The therapist goes to what they looked for: a UTC start, and the entry if it is one."""

    def __init__(self, start: int, entry_id: str | None) -> None:
        super().__init__()
        self.start = start
        self.entry_id = entry_id


class FeedReset(Message):
    """The therapist made a new address for their calendar's feed."""


class VideoOpened(Message):
    """The video room was opened in the browser, or its link copied where there is none."""

    def __init__(self, url: str, *, copied: bool) -> None:
        super().__init__()
        self.url = url
        self.copied = copied


class ActRefused(Message):
    """An act was refused by a rule or failed; nothing was changed."""

    def __init__(self, error: HelpspaceError) -> None:
        super().__init__()
        self.error = error


class CalendarReloaded(Message):
    """The calendar was read again because another process or thread changed something."""

    def __init__(self, version: int) -> None:
        super().__init__()
        self.version = version


Done = (
    SlotsOpened
    | SlotClosed
    | FollowUpBooked
    | SeriesBooked
    | AppointmentCancelled
    | AppointmentMoved
    | SeriesCancelled
    | TimeOffTaken
    | TimeOffLifted
    | FeeWaived
    | MarkedMissed
    | AbsenceAgreed
    | MoveRefused
    | Invited
    | InvitationTakenBack
    | CalendarSaved
    | ProfileSaved
    | ProfileSwitched
    | BoundariesKept
    | KeysKept
    | LockKept
    | FeedReset
    | Found
)
"""What a form or question ends with when it did something."""
