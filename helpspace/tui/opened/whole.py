"""Everything about one session, read in one go, and the pages that show it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from textual.content import Content

from helpspace.core import appointments, booking, calendar
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import MoveRequestView
from helpspace.core.calendar import Entry
from helpspace.core.errors import Invalid, NothingToWaive
from helpspace.core.payments.explain import Story, explain
from helpspace.core.timeline import Happening, timeline
from helpspace.tui.actions import Under
from helpspace.tui.desk import Desk
from helpspace.tui.opened import words
from helpspace.tui.opened.pages import Page
from helpspace.tui.own_keys import USUAL, Keys
from helpspace.tui.widgets.detail_pane import sheet
from helpspace.tui.words import Facts


@dataclass(frozen=True, slots=True)
class Whole:
    """A session with its life, its money's story and what its client asked for."""

    view: AppointmentView
    life: tuple[Happening, ...]
    story: Story
    request: MoveRequestView | None
    waivable: bool
    """Whether there is a fee that can be waived (M9)."""

    @property
    def asked(self) -> bool:
        """Whether the client waits for an answer about another time."""
        return self.request is not None and self.request.state == "asked"

    def under(self, now: int) -> Under:
        """What it is for key bars: to come, or over in whatever way."""
        return Under.SESSION if self.view.live and self.view.start > now else Under.OVER

    def facts(self, desk: Desk) -> Facts:
        """Return its facts as they may be shown now."""
        return words.facts_of(self.view, desk.zone, desk.now(), blur=desk.blur)


def whole_of(desk: Desk, appointment_id: str) -> Whole:
    """Read everything about a session of the therapist's."""
    practice, me = desk.practice, desk.actor
    return Whole(
        view=appointments.appointment(practice, me, appointment_id),
        life=timeline(practice, me, appointment_id).happenings,
        story=explain(practice, me, appointment_id),
        request=booking.move_request(practice, me, appointment_id),
        waivable=_is_waivable(desk, appointment_id),
    )


def _is_waivable(desk: Desk, appointment_id: str) -> bool:
    try:
        booking.plan_waive(desk.practice, desk.actor, appointment_id)
    except (Invalid, NothingToWaive):
        return False
    return True


def is_same_slot(desk: Desk, entry: Entry) -> bool:
    """Say whether a slot is still as it was when it was opened."""
    me = desk.actor
    return entry in calendar.between(desk.practice, me, me.id, entry.start, entry.end)


def pages_of(desk: Desk, whole: Whole, keys: Keys = USUAL) -> list[Page]:
    """Return the pages of a session; the first one holds its facts."""
    pages = [
        Page("Session", partial(_facts, desk, whole, keys)),
        Page("What happened", partial(_life, desk, whole)),
        Page("Money", partial(_money, desk, whole)),
    ]
    if words.is_first(whole.view):
        pages.append(Page("First session", partial(_first, desk, whole)))
    return pages


def _facts(desk: Desk, whole: Whole, keys: Keys, width: int) -> Content:
    facts = sheet(whole.facts(desk), width)
    asked = keys.say(words.request_words(whole.request, desk.zone, desk.now()))
    if not asked:
        return facts
    lines = [Content.styled(line, "$warning") for line in words.hanging("", asked, width)]
    return Content("\n").join([*lines, Content(""), facts])


def _life(desk: Desk, whole: Whole, width: int) -> Content:
    lines = words.life_lines(whole.life, desk.zone, desk.now())
    widest = max((len(one.when) for one in lines), default=0) + 2
    parts = []
    for one in lines:
        sign = ("· " if one.later else "✓ ") + one.when.ljust(widest)
        style = "$grid-quiet" if one.later else "$grid-text"
        parts += [Content.styled(text, style) for text in words.hanging(sign, one.what, width)]
    return Content("\n").join(parts)


def _money(desk: Desk, whole: Whole, width: int) -> Content:
    lines = words.money_lines(whole.story, blur=desk.blur)
    return Content("\n".join(words.listed(lines, width, "• ", airy=True)))


def _first(desk: Desk, whole: Whole, width: int) -> Content:
    support = desk.practice.settings.support_email or ""
    lines = words.first_session_lines(whole.view, desk.zone, desk.now(), support)
    head = Content.styled("What to tell a new client", "bold $primary")
    told = Content("\n".join(words.listed(lines, width, "□ ")))
    return Content("\n").join([head, Content(""), told])
