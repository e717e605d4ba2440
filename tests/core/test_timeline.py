"""A session's whole life: what happened, by whom, when; for its own people only (A1, A2)."""

from __future__ import annotations

import pytest

from helpspace.core import booking, reminders
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY, HOUR
from helpspace.core.policy import Party
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Ledger, Notice, Payment
from helpspace.core.timeline import Happening, timeline
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.makers import NOW, SOON


def life(practice: Practice, actor: Actor, appointment_id: str) -> list[tuple[str, str | None]]:
    return [(one.what, one.by or one.party) for one in told(practice, actor, appointment_id)]


def told(practice: Practice, actor: Actor, appointment_id: str) -> tuple[Happening, ...]:
    return timeline(practice, actor, appointment_id).happenings


def take(practice: Practice, appointment_id: str) -> None:
    """Let the fee have been taken."""
    row = makers.appointment_of(practice, appointment_id)
    makers.set_row(practice, Payment, appointment_id, status="paid", next_at=None)
    with practice.change() as tx:
        tx.insert(
            Ledger, at=tx.now, appointment_id=appointment_id, therapist_id=row["therapist_id"],
            client_id=row["client_id"], kind="charge", amount=row["fee"], commission=0,
            stripe_id=f"pi_{appointment_id}",
        )  # fmt: skip


def remind(practice: Practice, appointment_id: str, state: str) -> None:
    """Write the reminders that are due, and let all of them end so."""
    reminders.sweep(practice)
    with practice.change() as tx:
        ended = {"state": state, "ended_at": tx.now, "next_at": None}
        where = "appointment_id = ? AND event = 'reminder'"
        tx.set(Notice, where, appointment_id, **ended)


def test_all_that_happens_is_told_in_its_order(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    """Opened, booked, asked to move, moved, asked again, refused, charged, reminded, missed."""
    one = makers.session(practice, therapist, client, SOON)
    before = life(practice, therapist, one.id)
    assert before[:2] == [("opened", "therapist"), ("booked", "client")]
    assert [what for what, _ in before[2:]] == [
        "free_until", "charge", "reminder", "reminder", "session",
    ]  # fmt: skip
    clock.move_to(NOW + HOUR)
    booking.ask_to_move(practice, client, one.id)
    clock.move_to(NOW + 2 * HOUR)
    later = SOON + DAY
    plan = booking.plan_move(practice, therapist, one.id, later, asked_by=Party.CLIENT)
    booking.move(practice, therapist, one.id, later, asked_by=Party.CLIENT, shown=plan.shown)
    clock.move_to(NOW + 3 * HOUR)
    booking.ask_to_move(practice, client, one.id)
    clock.move_to(NOW + 4 * HOUR)
    booking.refuse_move(practice, therapist, one.id)
    view = makers.appointment_of(practice, one.id)
    clock.move_to(view["free_until"] + 2 * HOUR)
    take(practice, one.id)
    clock.move_to(later - HOUR)
    remind(practice, one.id, "sent")
    clock.move_to(later + HOUR)
    booking.complete_past(practice)
    booking.no_show(practice, therapist, one.id)
    assert life(practice, therapist, one.id) == [
        ("opened", "therapist"), ("booked", "client"), ("move_asked", "client"),
        ("moved", "therapist"), ("move_asked", "client"), ("move_refused", "therapist"),
        ("free_until", None), ("paid", None), ("reminded", "client"), ("reminded", "therapist"),
        ("session", None), ("no_show", "therapist"),
    ]  # fmt: skip
    found = told(practice, therapist, one.id)
    moved = next(one for one in found if one.what == "moved")
    assert (moved.was, moved.start, moved.party) == (SOON, later, "client")
    paid = next(one for one in found if one.what == "paid")
    assert paid.amount_pence == one.fee_pence
    assert [one.at for one in found] == sorted(one.at for one in found)


def test_every_move_is_told_not_the_last_alone(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    one = makers.session(practice, therapist, client, SOON)
    for number in (1, 2):
        clock.move_to(NOW + number * HOUR)
        start = SOON + number * DAY
        plan = booking.plan_move(practice, therapist, one.id, start, asked_by=Party.THERAPIST)
        booking.move(practice, therapist, one.id, start, asked_by=Party.THERAPIST, shown=plan.shown)
    moved = [one for one in told(practice, therapist, one.id) if one.what == "moved"]
    assert [(one.was, one.start) for one in moved] == [
        (SOON, SOON + DAY), (SOON + DAY, SOON + 2 * DAY),
    ]  # fmt: skip


def test_m2_m3_who_cancelled_is_told_and_nothing_is_to_come(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    one = makers.session(practice, therapist, client, SOON)
    booking.cancel(practice, client, one.id)
    assert life(practice, therapist, one.id) == [
        ("opened", "therapist"), ("booked", "client"), ("cancelled", "client"),
    ]  # fmt: skip


def test_a1_what_the_team_does_for_somebody_is_told_so_and_never_why(
    practice: Practice, therapist: Actor, client: Actor, team: Actor
) -> None:
    one = makers.session(practice, therapist, client, SOON)
    canary = "CANARY-REASON"
    booking.cancel(practice, team.on_behalf_of("client", client.id, canary), one.id)
    (cancelled,) = [one for one in told(practice, therapist, one.id) if one.what == "cancelled"]
    assert (cancelled.by, cancelled.for_them) == ("client", True)
    assert canary not in repr(told(practice, therapist, one.id))


def test_n2_a_reminder_that_reached_nobody_is_told_and_clients_hear_of_their_own(
    practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    one = makers.session(practice, therapist, client, SOON)
    clock.move_to(SOON - HOUR)
    remind(practice, one.id, "failed")
    assert ("not_reminded", "client") in life(practice, therapist, one.id)
    assert ("not_reminded", "therapist") in life(practice, therapist, one.id)
    own = [one for one in life(practice, client, one.id) if one[0] == "not_reminded"]
    assert own == [("not_reminded", "client")]


def test_a1_strangers_get_the_answer_of_nothing(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    one = makers.session(practice, therapist, client, SOON)
    other = makers.add_therapist(practice, "Other")
    stranger = makers.add_client(practice, "Stranger")
    for actor in (other, stranger, Actor.client(therapist.id), Actor.therapist(client.id)):
        with pytest.raises(NotFound) as refused:
            timeline(practice, actor, one.id)
        with pytest.raises(NotFound) as nothing:
            timeline(practice, actor, "aaaaaaaaaaaa")
        assert str(refused.value) == str(nothing.value)
