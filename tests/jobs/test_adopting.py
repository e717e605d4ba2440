"""A restored store takes over what Stripe holds before it charges again (D5, M5, M8)."""

from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from helpspace.core import cards, hearing, outages
from helpspace.core.errors import Busy, HelpspaceError, NotAllowed, OutsideFault
from helpspace.core.gateways import Outside
from helpspace.core.ids import Ids
from helpspace.core.keeping import backup, restore
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.payments import adopting, retry
from helpspace.core.payments.adopted import Adopted
from helpspace.core.practice import Practice
from helpspace.core.reconcile import reconcile
from helpspace.core.store import open_store, standing
from helpspace.core.store.standing import NOT_ADOPTED, NotAdopted
from helpspace.core.store.tables import (
    Attempt,
    Client,
    Debt,
    Intent,
    Ledger,
    Payment,
    Refund,
    StoreFact,
)
from tests import makers
from tests.jobs.world import ASKS, EMPTY, PAYS, World
from tests.postgres import Databases

LATER = 7 * 24 * HOUR
Restore = Callable[..., World]


@pytest.fixture
def saved(world: World, tmp_path: Path) -> Iterator[Callable[[World], Restore]]:
    """Makes a backup of a world; what it returns restores it, with everything outside as it is."""
    made: list[World] = []

    def save(world: World) -> Restore:
        path = tmp_path / "practice.backup"
        backup.backup(world.practice, makers.TEAM, path)

        def bring_back(url: str | None = None) -> World:
            folder = tmp_path / f"restored{len(made)}"
            settings = replace(
                world.practice.settings,
                database=url or f"sqlite:///{folder / 'x.db'}",
                files=folder / "files",
            )
            restore.restore(replace(world.practice, settings=settings), makers.TEAM, path)
            other = copy.copy(world)
            ids = Ids(makers.Seeded(70 + len(made)))
            store = open_store(settings.database)
            other.practice = Practice(store, settings, world.practice.vault, world.clock, ids)
            other.stripe = other.gateway()
            other.outside = Outside(other.stripe, other.post, other.chat)
            made.append(other)
            return other

        return bring_back

    yield save
    for one in made:
        one.practice.store.close()


def adopt(world: World) -> list[Adopted]:
    """Take over what Stripe holds, as `reconcile --adopt` does."""
    adopting.begin(world.practice, makers.TEAM, world.stripe)
    holdings = adopting.look(world.practice, makers.TEAM, world.stripe)
    return adopting.take_over(world.practice, makers.TEAM, holdings)


def kinds(done: list[Adopted]) -> list[str]:
    return [one.kind for one in done]


def agrees(world: World) -> None:
    """Settle what is due from now on; nothing more may move, and the books agree."""
    money = world.money()
    world.clock.advance(1)
    world.settle()
    world.sweep()
    assert world.money() == money
    assert reconcile(world.practice, world.stripe) == []
    paid = [row["amount"] for row in world.rows(Ledger) if row["kind"] == "charge"]
    taken = [row.gross for row in world.bank.ledger() if row.gross]
    assert sorted(paid) == sorted(taken)


def ledger(world: World) -> list[tuple[str, int]]:
    return [(row["kind"], row["amount"]) for row in world.rows(Ledger)]


# --- D5: until it was adopted a restored store rests


def test_d5_a_restored_store_rests_and_says_so(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked()
    back = saved(world)()
    back.to_charge(session)
    before = len(back.bank.requests)
    for name in ("charges", "refunds", "cards", "stripe-events"):
        report = back.sweep(name)[name]
        assert (report.did, report.error, report.words) == (0, NOT_ADOPTED, standing.RESTS)
    assert len(back.bank.requests) == before
    assert "was restored" in outages.stripe_state(back.practice).words
    assert back.charge().did == 0
    assert back.posted("POST", "/payment_intents") == []
    assert back.payment(session) == "due"
    adopt(back)
    assert not outages.stripe_state(back.practice).down
    assert back.sweep("charges")["charges"].error is None
    back.settle()
    assert (back.payment(session), back.money()) == ("paid", (6000, 0))


def test_d5_no_card_page_is_made_in_a_store_that_rests(
    world: World, saved: Callable[[World], Restore]
) -> None:
    """Its customer could be a second one, beside the one made after the backup."""
    client = world.client(card=None)
    back = saved(world)()
    request = cards.ask_for_card(back.practice, client)
    with pytest.raises(NotAdopted):
        cards.page(back.practice, back.stripe, client, request)
    adopt(back)
    assert cards.page(back.practice, back.stripe, client, request).url


# --- D5: what happened after the backup


def test_d5_a_charge_after_the_backup_is_found_and_never_repeated(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked()
    bring_back = saved(world)
    world.to_charge(session)
    world.settle()
    assert world.money() == (6000, 0)
    world.clock.advance(2 * DAY)  # every key is forgotten
    back = bring_back()
    assert [one.kind for one in reconcile(back.practice, back.stripe)] == ["unrecorded_charge"]
    assert kinds(adopt(back)) == ["intent", "charge"]
    assert ledger(back) == [("charge", 6000)]
    assert back.payment(session) == "paid"
    agrees(back)
    (intent,) = back.rows(Intent)
    assert (intent["state"], intent["id"]) == ("succeeded", world.rows(Intent)[0]["id"])
    assert [row["outcome"] for row in back.rows(Attempt)] == ["paid"]


def test_d5_a_charge_of_unknown_fate_in_the_backup_is_settled(
    world: World, saved: Callable[[World], Restore]
) -> None:
    """The backup was made between the row of the payment and its answer."""
    session = world.booked()
    world.to_charge(session)
    world.bank.faults.add("no_answer_after", "POST", "/v1/payment_intents$", times=None)
    world.charge()
    bring_back = saved(world)
    assert [row["state"] for row in world.rows(Intent)] == ["asked"]
    world.bank.faults.clear()
    world.settle()
    back = bring_back()
    assert "charge" in kinds(adopt(back))
    assert ledger(back) == [("charge", 6000)]
    agrees(back)


def test_d5_a_payment_that_was_never_made_is_closed_and_made_anew(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked()
    world.to_charge(session)
    world.bank.faults.add("drop_before", "POST", "/v1/payment_intents$", times=None)
    world.charge()
    back = saved(world)()
    back.bank.faults.clear()
    assert kinds(adopt(back)) == ["ended"]
    back.settle()
    assert (back.payment(session), back.money()) == ("paid", (6000, 0))
    agrees(back)


@pytest.mark.parametrize("card", [EMPTY, ASKS])
def test_d5_an_open_payment_is_taken_up_as_the_one_that_lives(
    world: World, saved: Callable[[World], Restore], card: str
) -> None:
    """M5, M6: no second one beside it, and no blind retry of what its card said."""
    session = world.booked(card)
    bring_back = saved(world)
    world.to_charge(session)
    world.charge()
    intent = world.rows(Intent)[0]["stripe_id"]
    tries = len(world.posted("POST", "/confirm"))
    back = bring_back()
    assert kinds(adopt(back)) == ["intent"]
    back.charge()
    assert [row["stripe_id"] for row in back.rows(Intent)] == [intent]
    assert back.payment(session) == ("failed" if card == EMPTY else "needs_approval")
    assert len(back.posted("POST", "/confirm")) == tries
    back.type_card(world.sam, PAYS)
    back.settle()
    assert (back.payment(session), back.money()) == ("paid", (6000, 0))
    assert [row["stripe_id"] for row in back.rows(Intent)] == [intent]
    agrees(back)


def test_d5_an_open_payment_in_the_backup_that_was_paid_later_is_paid(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked(EMPTY)
    world.to_charge(session)
    world.charge()
    bring_back = saved(world)
    world.type_card(world.sam, PAYS)
    world.settle()
    assert world.money() == (6000, 0)
    back = bring_back()
    assert set(kinds(adopt(back))) == {"charge", "card"}
    assert (back.payment(session), back.card_of(world.sam)) == ("paid", world.card_of(world.sam))
    agrees(back)


def test_d5_a_new_card_is_read_again_from_the_customer(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked(EMPTY)
    newcomer = world.client(card=None)
    bring_back = saved(world)
    world.type_card(world.sam, PAYS)
    world.type_card(newcomer, PAYS)
    back = bring_back()
    assert sorted(kinds(adopt(back))) == ["card", "card", "customer"]
    for client in (world.sam, newcomer):
        there, here = (makers.row(one.practice, Client, client.id) for one in (world, back))
        for name in ("customer", "card", "card_last4", "card_year"):
            assert there[name] == here[name]
    back.to_charge(session)
    back.settle()
    assert back.payment(session) == "paid"
    agrees(back)


def test_d5_a_refund_after_the_backup_is_recorded_and_the_fee_is_no_longer_owed(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked()
    world.to_charge(session)
    world.settle()
    bring_back = saved(world)
    world.cancel(world.zoe, session.id)
    world.settle()
    assert world.money() == (6000, 6000)
    back = bring_back()
    assert [one.kind for one in reconcile(back.practice, back.stripe)] == ["unrecorded_refund"]
    done = adopt(back)
    assert kinds(done) == ["refund", "waived"]
    assert f"appointments cancel {session.id}" in done[-1].proposal
    assert ledger(back) == [("charge", 6000), ("refund", 6000)]
    agrees(back)
    assert back.payment(session) in ("refunded", "waived")
    back.cancel(world.zoe, session.id)
    agrees(back)


def test_d5_charged_and_given_back_after_the_backup(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked()
    bring_back = saved(world)
    world.to_charge(session)
    world.settle()
    world.cancel(world.zoe, session.id)
    world.settle()
    back = bring_back()
    assert kinds(adopt(back)) == ["intent", "charge", "refund", "waived"]
    assert ledger(back) == [("charge", 6000), ("refund", 6000)]
    agrees(back)
    assert [row["state"] for row in back.rows(Refund)] == ["succeeded"]


def test_d5_a_refund_still_on_its_way_is_followed(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked()
    world.to_charge(session)
    world.settle()
    bring_back = saved(world)
    world.bank.refund_answers(["pending"])
    world.cancel(world.zoe, session.id)
    world.charge()
    back = bring_back()
    assert "refund" in kinds(adopt(back))
    assert [row["state"] for row in back.rows(Refund)] == ["pending"]
    assert reconcile(back.practice, back.stripe) == []
    assert back.payment(session) == "refunding"


def test_d5_what_an_account_owes_for_a_refund_is_taken_over(
    world: World, saved: Callable[[World], Restore]
) -> None:
    """M3: the client was first, and the transfer is still to be taken back."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    bring_back = saved(world)
    world.bank.short_of_money(world.account_of(world.zoe))
    world.cancel(world.zoe, session.id)
    world.settle()
    assert [row["state"] for row in world.rows(Debt)] == ["open"]
    back = bring_back()
    assert kinds(adopt(back)) == ["refund", "waived"]
    assert [(row["state"], row["amount"]) for row in back.rows(Debt)] == [("open", 6000)]
    back.bank.short_of_money(back.account_of(back.zoe), short=False)
    back.sweep("debts")
    assert [row["state"] for row in back.rows(Debt)] == ["settled"]
    agrees(back)


def test_d5_a_session_cancelled_after_a_decline_is_not_charged_by_the_restored_store(
    world: World, saved: Callable[[World], Restore]
) -> None:
    """Stripe's payment was cancelled after the backup, so somebody who knows says if it stands."""
    session = world.booked(EMPTY)
    world.to_charge(session)
    world.charge()
    bring_back = saved(world)
    world.cancel(world.zoe, session.id)
    world.settle()
    back = bring_back()
    done = adopt(back)
    assert kinds(done) == ["ended", "check"]
    assert f"charges retry {session.id}" in done[-1].proposal
    back.type_card(world.sam, PAYS)
    back.settle()
    assert back.money() == (0, 0)
    assert back.reason(session) == "canceled_at_stripe"
    agrees(back)
    retry.retry(back.practice, makers.TEAM, session.id)
    back.settle()
    assert back.money() == (6000, 0)


def test_d5_a_session_booked_after_the_backup_is_listed_for_the_team(
    world: World, saved: Callable[[World], Restore]
) -> None:
    world.booked()
    bring_back = saved(world)
    later = world.session(world.zoe, world.client(), makers.SOON + LATER)
    world.to_charge(later)
    world.settle()
    assert world.money() == (12000, 0)
    back = bring_back()
    assert "charge" in kinds(adopt(back))
    (found,) = reconcile(back.practice, back.stripe)
    assert (found.kind, found.appointment_id) == ("unknown_appointment", later.id)
    assert found.stripe_pence == 6000
    back.settle()
    assert back.money() == (12000, 0)


def test_d5_events_are_heard_from_the_beginning(
    world: World, saved: Callable[[World], Restore]
) -> None:
    world.booked()
    world.sweep("stripe-events")
    bring_back = saved(world)
    world.clock.advance(60)
    world.sweep("stripe-events")
    back = bring_back()
    adopt(back)
    assert hearing.cursor(back.practice) == ""
    assert back.sweep("stripe-events")["stripe-events"].error is None
    assert hearing.cursor(back.practice)


def test_m8_a_refund_that_somebody_made_at_stripe_is_taken_over(world: World) -> None:
    """No restore: the proposal of `reconcile` is right, and nobody is asked for the fee again."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    payment = world.bank.ledger()[0].payment_intent
    world.sdk.v1.refunds.create({"payment_intent": payment, "reverse_transfer": True})
    (found,) = reconcile(world.practice, world.stripe)
    assert (found.kind, "reconcile --adopt" in found.proposal) == ("unrecorded_refund", True)
    assert kinds(adopt(world)) == ["refund", "waived"]
    agrees(world)
    assert world.payment(session) in ("refunded", "waived")


def test_m8_a_second_payment_is_not_taken_over(world: World) -> None:
    """M5: one counts, and `reconcile` names the other."""
    session = world.booked()
    world.to_charge(session)
    world.settle()
    world.sdk.v1.payment_intents.create(
        {
            "amount": 6000,
            "currency": "gbp",
            "customer": world.customer_of(world.sam),
            "payment_method": world.card_of(world.sam),
            "payment_method_types": ["card"],
            "confirm": True,
            "off_session": True,
            "metadata": {"store": world.stripe_store(), "appointment": session.id, "intent": "x"},
        }
    )
    assert adopt(world) == []
    assert ledger(world) == [("charge", 6000)]
    assert {one.kind for one in reconcile(world.practice, world.stripe)} == {
        "unrecorded_charge",
        "paid_twice",
    }


# --- once is enough, and safe


def test_d5_adopting_twice_changes_nothing_more(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked()
    bring_back = saved(world)
    world.to_charge(session)
    world.settle()
    back = bring_back()
    adopt(back)
    back.settle()
    before = makers.snapshot(back.practice)
    assert adopt(back) == []
    after = makers.snapshot(back.practice)
    for table in set(before) - {"audit", "store_fact"}:
        assert after[table] == before[table], table


class PowerCut(BaseException):
    """What no code catches."""


def test_d5_killed_at_any_commit_it_can_be_done_again(
    world: World, saved: Callable[[World], Restore], monkeypatch: pytest.MonkeyPatch
) -> None:
    session = world.booked()
    other = world.session(world.zoe, world.client(), makers.SOON + 2 * HOUR)
    bring_back = saved(world)
    world.to_charge(other)
    world.settle()
    world.cancel(world.zoe, session.id)
    world.type_card(world.sam, PAYS)
    world.settle()
    back = bring_back()
    honest = Practice.change
    stopped = 0
    for commits in range(30):
        left = commits

        def change(practice: Practice) -> Any:
            nonlocal left
            left -= 1
            if left < 0:
                raise PowerCut
            return honest(practice)

        monkeypatch.setattr(Practice, "change", change)
        try:
            adopt(back)
        except PowerCut:
            stopped += 1
        else:
            break
        finally:
            monkeypatch.setattr(Practice, "change", honest)
        assert standing.rests(back.practice.store)
        assert back.charge().did == 0
    assert stopped > 4
    assert not standing.rests(back.practice.store)
    assert ledger(back).count(("charge", 6000)) == 2
    agrees(back)


def test_d5_the_same_on_postgresql(
    world: World, saved: Callable[[World], Restore], databases: Databases
) -> None:
    paid = world.booked()
    given_back = world.session(world.zoe, world.client(), makers.SOON + 2 * HOUR)
    still_open = world.session(world.zoe, world.client(EMPTY), makers.SOON + 4 * HOUR)
    bring_back = saved(world)
    world.to_charge(still_open)
    world.charge()
    world.cancel(world.zoe, given_back.id)
    world.charge()
    back = bring_back(databases.url(databases.make()))
    assert back.practice.store.postgresql
    assert back.sweep("charges")["charges"].error == NOT_ADOPTED
    done = set(kinds(adopt(back)))
    assert done == {"intent", "charge", "refund", "waived"}
    assert adopt(back) == []
    back.charge()
    assert [back.payment(one) for one in (paid, still_open)] == ["paid", "failed"]
    assert sorted(ledger(back)) == [("charge", 6000), ("charge", 6000), ("refund", 6000)]
    agrees(back)


def test_d5_nothing_is_taken_over_while_a_payment_is_being_settled(world: World) -> None:
    """A store that is not marked as restored may be one in use: it rests first."""
    session = world.booked()
    held = world.clock.now() + 2 * MINUTE
    makers.set_row(world.practice, Payment, session.id, holder="w", held_until=held)
    with pytest.raises(Busy, match="being settled"):
        adopt(world)
    assert world.sweep("charges")["charges"].error == NOT_ADOPTED
    makers.set_row(world.practice, Payment, session.id, holder=None, held_until=None)
    assert adopt(world) == []
    assert world.sweep("charges")["charges"].error is None


def test_d5_a_store_in_use_does_not_rest_for_a_stripe_that_is_silent(world: World) -> None:
    world.booked()
    world.bank.faults.add("503", "GET", "", times=None)
    with pytest.raises(OutsideFault):
        adopt(world)
    assert not standing.rests(world.practice.store)


def test_d5_another_stripe_account_is_refused(
    world: World, saved: Callable[[World], Restore]
) -> None:
    session = world.booked()
    world.to_charge(session)
    world.settle()
    back = saved(world)()
    with back.practice.change() as tx:
        tx.set_fact("name", "anotherstore")
    with pytest.raises(HelpspaceError, match="has nothing of this store"):
        adopt(back)
    assert standing.rests(back.practice.store)


def test_a1_only_the_team_adopts(world: World) -> None:
    world.booked()
    with pytest.raises(NotAllowed):
        adopting.begin(world.practice, world.zoe, world.stripe)
    with pytest.raises(NotAllowed):
        adopting.look(world.practice, world.sam, world.stripe)
    assert all(row["key"] != standing.RESTORED for row in world.rows(StoreFact))
