"""The story of one payment in at most five lines, for each outcome and reader (K1, M1–M10).

`explained.txt` has every text; after a change that is meant: UPDATE_GOLDEN=1, then read it.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import explain, paying, settle
from helpspace.core.payments.explain import MOST_LINES, RULES, Story
from helpspace.core.payments.steps import ConfirmIntent
from helpspace.core.payments.tries import ENDED_AT_STRIPE
from helpspace.core.policy import Party
from helpspace.core.store.tables import Client, Intent, Payment, Refund
from tests import makers
from tests.jobs import legal
from tests.jobs.world import ASKS, DECLINES, PAYS, World

pytestmark = makers.ON_SQLITE

GOLDEN = Path(__file__).with_name("explained.txt")


def charged(world: World, card: str = PAYS) -> Any:
    session = world.booked(card)
    world.to_charge(session)
    world.charge()
    return session


def scheduled(world: World) -> Any:
    return world.booked()


def free_of_charge(world: World) -> Any:
    world.zoe, world.sam = world.therapist(initial_fee=0), world.client(card=None)
    return world.session(world.zoe, world.sam)


def cancelled_in_time(world: World) -> Any:
    session = world.booked()
    world.clock.move_to(session.free_until)
    world.cancel(world.sam, session.id)
    world.settle()
    return session


def due(world: World) -> Any:
    session = world.booked()
    world.clock.move_to(session.free_until + 1)
    return session


def paid(world: World) -> Any:
    return charged(world)


def paid_at_once(world: World) -> Any:
    world.zoe, world.sam = world.therapist(notice_s=HOUR), world.client()
    session = world.session(world.zoe, world.sam, makers.NOW + DAY)
    world.to_charge(session)
    world.charge()
    return session


def paid_follow_up_inside_the_window(world: World) -> Any:
    world.booked()
    start = makers.NOW + DAY
    session = makers.follow_up(world.practice, world.zoe, world.sam, start)
    world.to_charge(session)
    world.charge()
    return session


def cancelled_late_and_paid(world: World) -> Any:
    session = world.booked()
    world.clock.move_to(session.free_until + 30)
    world.cancel(world.sam, session.id)
    world.to_charge(session)
    world.charge()
    return session


def paid_then_cancelled_late(world: World) -> Any:
    session = charged(world)
    world.clock.advance(HOUR)
    world.cancel(world.sam, session.id)
    world.settle()
    return session


def soft_decline(world: World) -> Any:
    session = world.booked()
    world.bank.card_answers(world.card_of(world.sam), ["insufficient_funds"])
    world.to_charge(session)
    world.charge()
    return session


def soft_decline_then_paid(world: World) -> Any:
    session = soft_decline(world)
    world.clock.move_to(session.start - DAY)
    world.charge()
    return session


def hard_decline(world: World) -> Any:
    session = world.booked()
    world.bank.card_answers(world.card_of(world.sam), ["lost_card"])
    world.to_charge(session)
    world.charge()
    return session


def declined_to_the_start(world: World) -> Any:
    session = charged(world, DECLINES)
    world.settle(4 * DAY)
    world.clock.move_to(session.end)
    return session


def needs_approval(world: World) -> Any:
    return charged(world, ASKS)


def no_card(world: World) -> Any:
    world.booked()
    makers.set_row(world.practice, Client, world.sam.id, card=None)
    return makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 7 * DAY)


def no_card_when_due(world: World) -> Any:
    session = no_card(world)
    world.to_charge(session)
    world.charge()
    return session


def account_refused(world: World) -> Any:
    session = world.booked()
    world.bank.faults.add("account_error", "POST", "confirm", times=None, code="account_invalid")
    world.to_charge(session)
    world.charge()
    return session


def account_refused_then_waived(world: World) -> Any:
    session = account_refused(world)
    world.settle(4 * DAY)
    return session


def refunding(world: World) -> Any:
    session = charged(world)
    world.bank.refund_answers(["pending"])
    world.cancel(world.zoe, session.id)
    world.charge()
    return session


def refunded(world: World) -> Any:
    session = charged(world)
    world.clock.advance(HOUR)
    world.cancel(world.zoe, session.id)
    world.settle()
    return session


def refund_failed(world: World) -> Any:
    session = refunding(world)
    (refund,) = world.rows(Refund)
    world.bank.finish_refund(refund["stripe_id"], ok=False)
    world.clock.advance(HOUR)
    world.settle()
    return session


def disputed(world: World) -> Any:
    session = charged(world)
    _dispute(world)
    return session


def _dispute(world: World) -> str:
    charge = world.bank.get(world.bank.ledger()[0].payment_intent)["latest_charge"]
    dispute = world.bank.open_dispute(charge)
    world.clock.advance(DAY // 2)
    world.sweep("disputes", "charges")
    return dispute


def dispute_lost(world: World) -> Any:
    session = charged(world)
    world.bank.close_dispute(_dispute(world), won=False)
    world.clock.advance(2 * DAY)
    world.sweep("disputes", "charges")
    return session


def dispute_won(world: World) -> Any:
    session = charged(world)
    world.bank.close_dispute(_dispute(world), won=True)
    world.clock.advance(2 * DAY)
    world.sweep("disputes", "charges")
    return session


def stopped_by_a_dispute(world: World) -> Any:
    charged(world)
    later = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 7 * DAY)
    _dispute(world)
    world.to_charge(later)
    world.charge()
    return later


def approved_by_a_tap(world: World) -> Any:
    session = charged(world, ASKS)
    world.clock.advance(HOUR)
    tapped = paying.pay(world.practice, world.stripe, world.sam, session.id)
    assert tapped.bank_page is not None
    (intent,) = world.rows(Intent)
    assert world.bank.approve(intent["stripe_id"]).ok
    paying.returned(world.practice, intent["stripe_id"])
    world.charge()
    return session


def moved_in_time(world: World) -> Any:
    session = world.booked()
    world.clock.advance(HOUR)
    _move(world, session, 3 * DAY, Party.CLIENT)
    return session


def moved_late_for_the_client(world: World) -> Any:
    session = charged(world)
    _move(world, session, DAY, Party.CLIENT)
    return session


def paid_and_moved_by_the_therapist(world: World) -> Any:
    session = charged(world)
    world.clock.advance(HOUR)
    _move(world, session, 5 * DAY, Party.THERAPIST)
    return session


def paid_moved_and_cancelled_in_time(world: World) -> Any:
    session = paid_and_moved_by_the_therapist(world)
    world.clock.advance(HOUR)
    world.cancel(world.sam, session.id)
    world.settle()
    return session


def _move(world: World, session: Any, later: int, asked_by: Party) -> None:
    start = session.start + later
    booking.move(world.practice, world.zoe, session.id, start, asked_by=asked_by)


def therapist_did_not_come(world: World) -> Any:
    session = charged(world)
    world.clock.move_to(session.end + HOUR)
    booking.report_absence(world.practice, world.sam, session.id)
    world.clock.advance(HOUR)
    booking.answer_absence(world.practice, world.zoe, session.id, agreed=True)
    world.settle()
    return session


def waived(world: World) -> Any:
    session = hard_decline(world)
    _waive(world, session)
    world.settle()
    return session


def paid_then_waived(world: World) -> Any:
    session = charged(world)
    world.clock.move_to(session.end + HOUR)
    _waive(world, session)
    world.settle()
    return session


def did_not_come(world: World) -> Any:
    session = charged(world)
    world.clock.move_to(session.end + HOUR)
    booking.no_show(world.practice, world.zoe, session.id)
    return session


def did_not_come_and_did_not_pay(world: World) -> Any:
    session = hard_decline(world)
    world.clock.move_to(session.end + HOUR)
    booking.no_show(world.practice, world.zoe, session.id)
    world.settle()
    return session


def cancelled_by_the_therapist(world: World) -> Any:
    session = world.booked()
    world.clock.advance(HOUR)
    world.cancel(world.zoe, session.id)
    world.settle()
    return session


def cancelled_late_and_declined(world: World) -> Any:
    session = world.booked(DECLINES)
    world.clock.move_to(session.free_until + 30)
    world.cancel(world.sam, session.id)
    world.to_charge(session)
    world.charge()
    return session


def cancelled_late_and_never_paid(world: World) -> Any:
    session = cancelled_late_and_declined(world)
    world.settle(4 * DAY)
    world.clock.move_to(session.end)
    return session


def being_taken(world: World) -> Any:
    session = world.booked()
    world.to_charge(session)
    world.bank.faults.add("no_answer_after", "POST", "confirm", times=3)
    world.charge()
    return session


def card_expired(world: World) -> Any:
    session = world.booked()
    makers.set_row(world.practice, Client, world.sam.id, card_year=2026, card_month=2)
    world.to_charge(session)
    world.settle(HOUR)
    return session


def not_approved(world: World) -> Any:
    session = charged(world, ASKS)
    world.clock.advance(HOUR)
    paying.pay(world.practice, world.stripe, world.sam, session.id)
    (intent,) = world.rows(Intent)
    assert not world.bank.approve(intent["stripe_id"], yes=False).ok
    paying.returned(world.practice, intent["stripe_id"])
    world.charge()
    return session


def taken_while_the_therapist_cancelled(world: World) -> Any:
    session = world.booked()
    world.to_charge(session)
    task = settle.claim(world.practice, "w")[0]
    step, answer = settle.advance(world.practice, task), None
    while step is not None:
        answer = world.stripe.carry_out(step)
        if isinstance(step, ConfirmIntent):
            world.cancel(world.zoe, session.id)
        step = settle.advance(world.practice, task, step, answer)
    return session


def refunded_before_the_account_gave_it_back(world: World) -> Any:
    session = charged(world)
    world.clock.advance(HOUR)
    world.bank.short_of_money(world.account_of(world.zoe))
    world.cancel(world.zoe, session.id)
    world.charge()
    return session


def waits_after_a_restore(world: World) -> Any:
    session = world.booked()
    world.to_charge(session)
    values = {"status": "failed", "reason": ENDED_AT_STRIPE}
    with world.practice.change() as tx:
        tx.set(Payment, "appointment_id = ?", session.id, **values)
    world.charge()
    return session


def _waive(world: World, session: Any) -> None:
    booking.waive(world.practice, world.zoe, session.id)


STORIES: tuple[Callable[[World], Any], ...] = (
    scheduled, free_of_charge, cancelled_in_time, due, paid, paid_at_once,
    paid_follow_up_inside_the_window, cancelled_late_and_paid, paid_then_cancelled_late,
    soft_decline, soft_decline_then_paid, hard_decline, declined_to_the_start, needs_approval,
    approved_by_a_tap, moved_in_time, moved_late_for_the_client, paid_and_moved_by_the_therapist,
    paid_moved_and_cancelled_in_time, therapist_did_not_come, no_card, no_card_when_due,
    account_refused, account_refused_then_waived, refunding, refunded, refund_failed, disputed,
    dispute_lost, dispute_won, stopped_by_a_dispute, waived, paid_then_waived, did_not_come,
    did_not_come_and_did_not_pay, cancelled_by_the_therapist, cancelled_late_and_declined,
    cancelled_late_and_never_paid, being_taken, card_expired, not_approved,
    taken_while_the_therapist_cancelled, refunded_before_the_account_gave_it_back,
    waits_after_a_restore,
)  # fmt: skip


def told(world: World, session: Any, actor: Actor) -> Story:
    return explain.explain(world.practice, actor, session.id)


def written() -> dict[str, str]:
    parts = GOLDEN.read_text().split("## ")[1:] if GOLDEN.exists() else []
    return {
        name.strip(): text.strip() for name, _, text in (part.partition("\n") for part in parts)
    }


def keep(name: str, text: str) -> None:
    every = written() | {name: text}
    order = [one.__name__ for one in STORIES]
    parts = [f"## {key}\n{every[key]}\n" for key in order if key in every]
    GOLDEN.write_text("\n".join(parts))


@pytest.mark.parametrize("play", STORIES, ids=lambda play: play.__name__)
def test_k1_every_outcome_is_told_in_five_lines_that_name_amount_moment_and_rule(
    world: World, play: Callable[[World], Any]
) -> None:
    session = play(world)
    text = []
    for actor in (makers.TEAM, world.sam, world.zoe):
        story = told(world, session, actor)
        assert 2 <= len(story.lines) <= MOST_LINES
        assert all(line.endswith(".") and line.isprintable() for line in story.lines)
        whole = " ".join(story.lines)
        assert "(rule" in whole
        assert session.fee_pence == 0 or "£60" in whole
        assert [one.at for one in story.steps] == sorted(one.at for one in story.steps)
        assert {one.rule for one in story.steps} <= {*RULES, None}
        who = "team" if actor == makers.TEAM else actor.role
        text += [f"{who}:", *story.lines]
    shown = "\n".join(text).replace(session.id, "ID")
    if os.environ.get("UPDATE_GOLDEN"):
        keep(play.__name__, shown)
    assert shown == written()[play.__name__]
    assert legal.faults(world) == []


def test_every_story_is_written_down_and_no_other(world: World) -> None:
    assert list(written()) == [one.__name__ for one in STORIES]


def test_p1_each_reader_gets_only_what_is_theirs(world: World) -> None:
    """The client nothing of account or commission, the therapist not why the bank declined."""
    session = soft_decline(world)
    sam, zoe, team = (told(world, session, one) for one in (world.sam, world.zoe, makers.TEAM))
    assert "not enough money" in " ".join(sam.lines)
    assert "not enough money" in " ".join(team.lines)
    assert "not enough money" not in str(zoe)
    assert "Zoë" in sam.lines[0]
    assert "Sam" in zoe.lines[0]
    assert {"Zoë", "Sam"}.isdisjoint(str(team))
    world.clock.move_to(session.start - DAY)
    world.charge()
    (intent,) = world.rows(Intent)
    assert intent["stripe_id"] in str(told(world, session, makers.TEAM))
    for actor in (world.sam, world.zoe):
        assert intent["stripe_id"] not in str(told(world, session, actor))


def test_p1_a_client_hears_nothing_of_commission(store_url: str, clock: Any) -> None:
    world = World(store_url, clock, COMMISSION_PERCENT="10")
    session = charged(world)
    assert "less £6 commission" in " ".join(told(world, session, world.zoe).lines)
    assert "commission" not in str(told(world, session, world.sam)).lower()
    world.close()


def test_a1_what_is_not_ones_own_does_not_exist(world: World) -> None:
    session = refunded(world)
    (intent,), (refund,) = world.rows(Intent), world.rows(Refund)
    for named in (intent["id"], intent["stripe_id"], refund["id"], refund["stripe_id"]):
        assert explain.explain(world.practice, makers.TEAM, named).appointment_id == session.id
    stranger, other = world.client(), world.therapist("Ann")
    for actor in (stranger, other):
        for named in (session.id, intent["stripe_id"], "nobody", "", "\x00"):
            with pytest.raises(NotFound):
                explain.explain(world.practice, actor, named)


def test_times_are_in_the_readers_own_zone(world: World) -> None:
    session = charged(world)
    makers.set_row(world.practice, Client, world.sam.id, zone="America/New_York")
    assert "Fri 6 Mar 04:00 (New York time)" in told(world, session, world.sam).lines[0]
    assert "Fri 6 Mar 09:00 (UK time)" in told(world, session, world.zoe).lines[0]


def test_k4_an_erased_client_has_no_name_in_it(world: World) -> None:
    session = charged(world)
    makers.set_row(world.practice, Client, world.sam.id, name_sealed=None)
    assert told(world, session, world.zoe).lines[0].endswith("with —.")
