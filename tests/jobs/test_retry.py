"""The team asks for a look or another try: what is allowed, and what comes of it (M6)."""

from __future__ import annotations

import pytest

from helpspace.core.actors import Actor
from helpspace.core.errors import NotAllowed, NotFound
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments import coming, retry
from helpspace.core.payments.retry import NothingToTry
from helpspace.core.store.tables import Audit, Client, Intent, Refund
from tests import makers
from tests.jobs import test_explain as stories
from tests.jobs.world import PAYS, World

pytestmark = makers.ON_SQLITE


def ask(world: World, named: str, actor: Actor = makers.TEAM, *, look: bool = False) -> str:
    """Ask as the team and return what settlement is asked."""
    world.clock.advance(1)
    seen = retry.preview_retry(world.practice, actor, named, look=look)
    assert retry.retry(world.practice, actor, named, look=look) == seen
    return seen.ask


def confirms(world: World) -> int:
    return len(world.posted("POST", "confirm"))


def test_m6_a_soft_decline_is_tried_once_more_at_once(world: World) -> None:
    session = stories.soft_decline(world)
    assert ask(world, session.id) == "try"
    assert "as the team asked" in stories.told(world, session, makers.TEAM).lines[-1]
    world.charge()
    assert (world.payment(session), confirms(world)) == ("paid", 2)
    (row,) = [one for one in world.rows(Audit) if one["act"] == "retry"]
    assert (row["role"], row["thing_id"]) == ("team", session.id)
    assert len(world.bank.ledger()) == 1


def test_m6_one_asking_is_one_try_and_the_ladder_goes_on(world: World) -> None:
    session = world.booked()
    card = world.card_of(world.sam)
    world.bank.card_answers(card, ["insufficient_funds", "insufficient_funds"])
    world.to_charge(session)
    world.charge()
    ask(world, session.id)
    for _ in range(3):
        world.charge()
        world.clock.advance(1)
    assert (world.payment(session), confirms(world)) == ("failed", 2)
    assert world.next_due() == session.start - DAY
    world.clock.move_to(session.start - DAY)
    world.charge()
    assert (world.payment(session), confirms(world)) == ("paid", 3)


def test_m6_a_soft_decline_can_be_tried_after_the_start(world: World) -> None:
    """The fee stays owed until paid or waived; by itself nothing is tried any more."""
    session = stories.declined_to_the_start(world)
    before = confirms(world)
    world.bank.card_answers(world.card_of(world.sam), ["ok"])
    assert ask(world, session.id) == "try"
    world.charge()
    assert (world.payment(session), confirms(world)) == ("paid", before + 1)


def test_m6_a_hard_decline_with_the_same_card_is_refused_with_the_reason(world: World) -> None:
    session = stories.hard_decline(world)
    before = makers.snapshot(world.practice)
    with pytest.raises(NothingToTry, match=r"no longer be used.*another card.*--look"):
        ask(world, session.id)
    assert makers.snapshot(world.practice) == before
    assert ask(world, session.id, look=True) == "look"
    world.charge()
    assert (world.payment(session), confirms(world)) == ("failed", 1)
    world.type_card(world.sam, PAYS)
    assert ask(world, session.id) == "look"
    world.charge()
    assert (world.payment(session), confirms(world)) == ("paid", 2)


def test_m6_a_bank_that_waits_for_the_client_is_not_pestered(world: World) -> None:
    session = stories.needs_approval(world)
    with pytest.raises(NothingToTry, match="own approval"):
        ask(world, session.id)
    assert ask(world, session.id, look=True) == "look"
    world.charge()
    assert (world.payment(session), confirms(world)) == ("needs_approval", 1)


def test_m6a_the_therapists_account_is_tried_now_instead_of_in_an_hour(world: World) -> None:
    session = stories.account_refused(world)
    world.bank.faults.clear()
    assert ask(world, session.id) == "look"
    world.charge()
    assert world.payment(session) == "paid"


def test_a_missing_card_is_asked_for_not_tried(world: World) -> None:
    session = stories.no_card_when_due(world)
    with pytest.raises(NothingToTry, match="no card on record"):
        ask(world, session.id)


@pytest.mark.parametrize(
    ("story", "title"),
    [
        (stories.free_of_charge, "Nothing is owed"),
        (stories.cancelled_in_time, "Nothing is owed"),
        (stories.scheduled, "not due yet"),
        (stories.paid, "paid already"),
        (stories.refunded, "given back"),
        (stories.account_refused_then_waived, "waived"),
        (stories.disputed, "disputes"),
    ],
)
def test_what_is_settled_or_not_due_is_refused(
    world: World, story: stories.Callable[[World], stories.Any], title: str
) -> None:
    session = story(world)
    before = makers.snapshot(world.practice)
    with pytest.raises(NothingToTry, match=title):
        ask(world, session.id)
    assert makers.snapshot(world.practice) == before


def test_a_client_whose_charges_are_stopped_is_not_charged_by_asking(world: World) -> None:
    session = stories.stopped_by_a_dispute(world)
    with pytest.raises(NothingToTry, match=f"resume-charges {world.sam.id}"):
        ask(world, session.id)
    assert coming.coming(world.practice, makers.TEAM) == []


def test_a_pending_refund_is_looked_at(world: World) -> None:
    session = stories.refunding(world)
    (refund,) = world.rows(Refund)
    world.bank.finish_refund(refund["stripe_id"], ok=True)
    assert ask(world, session.id) == "look"
    world.charge()
    assert world.payment(session) == "refunded"


def test_a1_only_the_team_asks(world: World) -> None:
    session = stories.soft_decline(world)
    for actor in (world.sam, world.zoe):
        with pytest.raises(NotAllowed):
            retry.retry(world.practice, actor, session.id)
    with pytest.raises(NotFound):
        retry.retry(world.practice, makers.TEAM, "nobody")
    (intent,) = world.rows(Intent)
    assert ask(world, intent["stripe_id"]) == "try"


def test_charges_to_come_have_their_moment(world: World) -> None:
    """What is taken by itself, and when: first tries, tries again, and accounts that wait."""
    session = stories.soft_decline(world)
    later = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 7 * DAY)
    cancelled = makers.follow_up(world.practice, world.zoe, world.sam, makers.SOON + 8 * DAY)
    world.cancel(world.sam, cancelled.id)
    found = coming.coming(world.practice, makers.TEAM)
    assert [(one.appointment_id, one.at, one.which) for one in found] == [
        (session.id, session.start - DAY, "again"),
        (later.id, later.free_until + 60, "first"),
    ]
    assert coming.coming(world.practice, world.zoe) == found
    assert coming.coming(world.practice, world.zoe, until=later.free_until) == found[:1]
    assert coming.coming(world.practice, makers.TEAM, since=later.free_until) == found[1:]
    assert coming.coming(world.practice, makers.TEAM, client_id="nobody") == []
    with pytest.raises(NotAllowed):
        coming.coming(world.practice, world.sam)
    for one in found:
        world.clock.move_to(one.at)
        world.charge()
        assert world.bank.ledger()[-1].captured_at == (one.at,)


def test_a_charge_to_come_without_a_card_says_so_and_a_refused_one_does_not_come(
    world: World,
) -> None:
    session = stories.hard_decline(world)
    assert coming.coming(world.practice, makers.TEAM) == []
    world.clock.advance(HOUR)
    makers.set_row(world.practice, Client, world.sam.id, card=None)
    later = makers.follow_up(world.practice, world.zoe, world.sam, session.start + 7 * DAY)
    (found,) = coming.coming(world.practice, makers.TEAM)
    assert (found.appointment_id, found.card) == (later.id, "missing")
