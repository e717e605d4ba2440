"""Moved, waived and missed sessions through the real SDK and the mails that tell of them."""

from __future__ import annotations

import pytest
from icalendar import Calendar

from helpspace.core import booking, letters, notices
from helpspace.core.actors import Actor
from helpspace.core.letters import Dropped
from helpspace.core.moments import DAY
from helpspace.core.notices import Event
from helpspace.core.policy import Party
from helpspace.core.reconcile import reconcile
from helpspace.jobs.letters import letter
from tests import makers
from tests.jobs.gallery import errand, told
from tests.jobs.world import World

BOTH = pytest.mark.parametrize("backend", ["sqlite", "postgresql"], indirect=True)
LATER = makers.SOON + 7 * DAY


@BOTH
@pytest.mark.parametrize(("asked_by", "refund"), [(Party.THERAPIST, 6000), (Party.CLIENT, 0)])
def test_a_paid_session_is_moved_and_cancelled(world: World, asked_by: Party, refund: int) -> None:
    """M10, M3: moved for the therapist it goes back, transfer and all; for the client it stays."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    booking.move(world.practice, world.zoe, session.id, LATER, asked_by=asked_by)
    world.settle()
    assert world.payment(session) == "paid"
    world.clock.move_to(LATER - 2 * DAY)
    world.settle()
    assert world.money() == (6000, 0)
    world.cancel(world.sam, session.id)
    world.settle()
    assert world.money() == (6000, refund)
    assert world.bank.ledger()[0].reversed == refund
    assert reconcile(world.practice, world.stripe) == []


def test_an_unpaid_session_is_charged_by_its_new_time(world: World) -> None:
    """M10, M2a."""
    session = world.booked()
    moved = booking.move(world.practice, world.zoe, session.id, LATER, asked_by=Party.THERAPIST)
    world.clock.move_to(moved.free_until + 59)
    world.charge()
    assert world.bank.ledger() == []
    world.clock.advance(1)
    world.charge()
    (paid,) = world.bank.ledger()
    assert paid.captured_at == (LATER - 2 * DAY + 60,)


def test_a_paid_fee_is_waived(world: World) -> None:
    """M9: in full, with the transfer reversed."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    booking.waive(world.practice, world.zoe, session.id)
    world.settle()
    assert world.payment(session) == "refunded"
    assert world.money() == (6000, 6000)
    assert world.bank.ledger()[0].reversed == 6000
    assert reconcile(world.practice, world.stripe) == []


def test_a_move_updates_the_calendar_of_both(world: World) -> None:
    """N3a: the same UID with a higher sequence and the new times, to both."""
    session = world.booked()
    first = calendar_of(letter(told(world, Event.BOOKED, world.sam, session)).ics)
    for start in (LATER, LATER + 600):
        booking.move(world.practice, world.zoe, session.id, start, asked_by=Party.CLIENT)
    for person in (world.sam, world.zoe):
        mail = letter(told(world, Event.MOVED, person, session, old_start=LATER))
        assert mail.method == "REQUEST"
        found = calendar_of(mail.ics)
        assert found["UID"] == first["UID"]
        assert found["SEQUENCE"] > first["SEQUENCE"]
        assert found.decoded("DTSTART").timestamp() == LATER + 600
        assert found["URL"] == first["URL"]


def calendar_of(ics: bytes | None) -> Calendar:
    assert ics is not None
    return Calendar.from_ical(ics).walk("VEVENT")[0]


def test_a_move_is_delivered_once_to_each(world: World) -> None:
    """N1, N3a, N6."""
    session = world.booked()
    world.sweep("delivery")
    before = len(world.post.sent)
    booking.move(world.practice, world.zoe, session.id, LATER, asked_by=Party.THERAPIST)
    world.sweep("delivery")
    assert sorted(world.post.subjects[before:]) == [
        "The appointment has moved to Fri 13 Mar 09:00",
        "Your appointment has moved to Fri 13 Mar 09:00",
    ]
    assert "has moved to Fri 13 Mar 09:00" in world.chat.sent[-1][1]
    found = notices.notices(world.practice, makers.TEAM, appointment_id=session.id)
    assert {one.state for one in found} == {"sent"}


def test_a_report_reaches_the_therapist_and_the_team(world: World) -> None:
    """M9: and once it is decided, nobody is asked any more."""
    session = world.booked()
    world.clock.move_to(session.end)
    world.sweep("delivery")
    before = len(world.post.sent)
    booking.report_absence(world.practice, world.sam, session.id)
    world.sweep("delivery")
    sent = {str(one["To"]): str(one["Subject"]) for one in world.post.sent[before:]}
    assert sent == {
        "therapist1@example.org": "A question about the appointment on Fri 6 Mar 09:00",
        "help@helpspace.example": "A report to decide on",
    }
    booking.answer_absence(world.practice, makers.TEAM, session.id, agreed=True)
    for person in (world.zoe, Actor.team("team")):
        late = letters.compose(world.practice, errand(Event.ABSENCE_REPORTED, person, session))
        assert late == Dropped("decided")
