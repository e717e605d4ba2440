"""Payments of one who joins: one account whatever dies, and Stripe's word in plain words (J5)."""

from __future__ import annotations

from typing import Any, cast

import pytest

from helpspace.core import hearing, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError, NotAllowed, NotFound, OutsideFault
from helpspace.core.gateways import AccountSeen, StripeGateway
from helpspace.core.joining import payments, stripe_words
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.practice import Practice
from helpspace.core.store.tables import ConnectedAccount, Notice, Therapist
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.core.fake_connect import AFTER, BEFORE, SAVED, Died, FakeConnect
from tests.makers import NOW, TEAM, add_therapist, all_rows, row, set_row


@pytest.fixture
def connect(clock: MovableClock) -> FakeConnect:
    return FakeConnect(clock.now)


@pytest.fixture
def zoe(practice: Practice) -> Actor:
    """A therapist whom the team has approved and who has no account yet."""
    made = add_therapist(practice, account=None)
    set_row(practice, Therapist, made.id, status="approved", proofs_until=NOW + 365 * DAY)
    return made


def begin(practice: Practice, connect: FakeConnect, actor: Actor) -> str:
    return payments.begin_onboarding(practice, cast("StripeGateway", connect), actor, actor.id)


def see(practice: Practice, actor: Actor, account: str, *codes: str, **state: Any) -> bool:
    """Let a sweep have read an account."""
    ready = state.pop("ready", False)
    seen = AccountSeen(account, ready, ready, codes, **state)
    return hearing.account_seen(practice, actor.id, seen)


def events(practice: Practice) -> list[str]:
    return [str(one["event"]) for one in all_rows(practice, Notice)]


def state(practice: Practice, actor: Actor) -> payments.PaymentsState:
    return payments.payments(practice, actor, actor.id)


def test_j5_onboarding_begins_only_once_approved(practice: Practice, connect: FakeConnect) -> None:
    new = add_therapist(practice, account=None, proofs_until=None)
    set_row(practice, Therapist, new.id, status="applied")
    assert state(practice, new).step == "wait"
    with pytest.raises(NotAllowed, match="not approved yet"):
        begin(practice, connect, new)
    assert (connect.calls, all_rows(practice, ConnectedAccount)) == ([], [])


def test_j5_one_account_is_made_and_links_are_fresh(
    practice: Practice, connect: FakeConnect, zoe: Actor
) -> None:
    first = begin(practice, connect, zoe)
    second = begin(practice, connect, zoe)
    assert first != second
    assert connect.calls == ["find", "make", "link", "look", "link"]
    assert row(practice, Therapist, zoe.id)["account"] == "acct_new1"
    order = connect.accounts["acct_new1"]
    assert (order.email, order.metadata["therapist"]) == ("therapist1@example.org", zoe.id)
    kept = makers.snapshot(practice)
    assert first not in repr(kept)
    assert second not in repr(kept)
    assert state(practice, zoe).step == "go_on"


@pytest.mark.parametrize("moves", range(9))
@pytest.mark.parametrize("later", [MINUTE, HOUR, 2 * DAY])
def test_m5_a_death_anywhere_leaves_one_account(
    practice: Practice, connect: FakeConnect, zoe: Actor, clock: MovableClock, moves: int,
    later: int,
) -> None:  # fmt: skip
    connect.die_at = moves
    try:
        begin(practice, connect, zoe)
    except Died:
        clock.advance(later)
    connect.die_at = None
    begin(practice, connect, zoe)
    assert list(connect.accounts) == ["acct_new1"]
    assert row(practice, Therapist, zoe.id)["account"] == "acct_new1"
    (kept,) = all_rows(practice, ConnectedAccount)
    assert (kept["account"], kept["gone_at"]) == ("acct_new1", None)


@pytest.mark.parametrize("fault", [BEFORE, AFTER, SAVED])
@pytest.mark.parametrize("later", [1, 11 * MINUTE, 2 * DAY])
def test_m5_a_lost_answer_makes_no_second_account(
    practice: Practice, connect: FakeConnect, zoe: Actor, clock: MovableClock, fault: str,
    later: int,
) -> None:  # fmt: skip
    """Nor after the key's day, and a failure saved under the key does not lock anybody out."""
    connect.faults.append(fault)
    with pytest.raises(OutsideFault):
        begin(practice, connect, zoe)
    clock.advance(later)
    if (fault, later) == (SAVED, 1):
        with pytest.raises(OutsideFault):
            begin(practice, connect, zoe)
        clock.advance(payments.SETTLED)
    begin(practice, connect, zoe)
    assert list(connect.accounts) == ["acct_new1"]


def test_m5_another_address_meanwhile_still_finds_the_account(
    practice: Practice, connect: FakeConnect, zoe: Actor
) -> None:
    connect.faults.append(AFTER)
    with pytest.raises(OutsideFault):
        begin(practice, connect, zoe)
    with practice.change() as tx:
        sealed = tx.seal("new@example.org", "therapist.email")
        tx.set(Therapist, "id = ?", zoe.id, email_sealed=sealed)
    begin(practice, connect, zoe)
    assert len(connect.accounts) == 1


def test_m5_two_terminals_at_once_make_one_account(
    practice: Practice, connect: FakeConnect, zoe: Actor
) -> None:
    """The other one makes it just before ours does."""
    make = connect.make_account

    def slowly(order: Any) -> str:
        connect.make_account = make  # type: ignore[method-assign]
        begin(practice, connect, zoe)
        return make(order)

    connect.make_account = slowly  # type: ignore[method-assign]
    begin(practice, connect, zoe)
    assert len(connect.accounts) == len(all_rows(practice, ConnectedAccount)) == 1


def test_j5_lost_access_is_said_and_begun_anew_with_both_ids_on_record(
    practice: Practice, connect: FakeConnect
) -> None:
    sam = add_therapist(practice)
    connect.seen["acct_1"] = AccountSeen("acct_1", False, False, ("access_withdrawn",), gone=True)
    see(practice, sam, "acct_1", "access_withdrawn", gone=True)
    seen = state(practice, sam)
    assert (seen.step, seen.withdrawn, seen.ready) == ("begin_again", True, False)
    assert "cannot be used any more" in seen.words
    assert seen.reason == "your Stripe account no longer gives Helpspace access"
    begin(practice, connect, sam)
    assert row(practice, Therapist, sam.id)["account"] == "acct_new1"
    kept = [(one["account"], one["gone_at"]) for one in all_rows(practice, ConnectedAccount)]
    assert kept == [("acct_1", NOW), ("acct_new1", None)]
    assert state(practice, sam).step == "go_on"
    assert not see(practice, sam, "acct_1", ready=True), "the old one has no say any more"
    connect.seen["acct_new1"] = AccountSeen("acct_new1", False, False, (), gone=True)
    begin(practice, connect, sam)
    kept = [(one["account"], one["gone_at"]) for one in all_rows(practice, ConnectedAccount)]
    assert kept == [("acct_1", NOW), ("acct_new1", NOW), ("acct_new2", None)]


def test_j5_access_that_came_back_is_used_again(practice: Practice, connect: FakeConnect) -> None:
    sam = add_therapist(practice)
    see(practice, sam, "acct_1", "access_withdrawn", gone=True)
    connect.seen["acct_1"] = AccountSeen("acct_1", False, True, ("external_account",))
    assert "/acct_1/" in begin(practice, connect, sam)
    assert connect.accounts == {}
    assert not state(practice, sam).withdrawn


def test_j5_each_change_is_told_once(
    practice: Practice, clock: MovableClock, connect: FakeConnect, zoe: Actor
) -> None:
    begin(practice, connect, zoe)
    account = "acct_new1"
    lost = ["account_lost", "account_lost"]  # the therapist, and the team
    told: list[str] = []
    for ready, expected in (
        (False, []),
        (True, ["account_ready"]),
        (True, []),
        (False, lost),
        (False, []),
        (True, ["account_ready"]),
        (False, lost),
    ):
        see(practice, zoe, account, ready=ready, submitted=True)
        told += expected
        assert events(practice) == told
        why = profiles.therapist(practice, TEAM, zoe.id).why_hidden
        assert ("payments_not_enabled" in why) != ready
    clock.advance(1)


def test_p3_the_last_gate_publishes(practice: Practice, connect: FakeConnect, zoe: Actor) -> None:
    set_row(practice, Therapist, zoe.id, course_done_at=NOW)
    makers.open_slot(practice, zoe)
    begin(practice, connect, zoe)
    see(practice, zoe, "acct_new1", ready=True)
    assert sorted(events(practice)) == ["account_ready", "published"]


def test_j5_booked_sessions_stay_when_the_account_is_lost(practice: Practice) -> None:
    sam, client = add_therapist(practice), makers.add_client(practice)
    session = makers.session(practice, sam, client, makers.SOON)
    see(practice, sam, "acct_1", "requirements.past_due", "external_account")
    kept = makers.row(practice, makers.Appointment, session.id)
    assert kept["state"] == "booked"
    with pytest.raises(HelpspaceError, match="No space"):
        makers.book(practice, makers.add_client(practice), makers.open_slot(
            practice, sam, makers.SOON + DAY))  # fmt: skip


def test_j5_what_is_ready_has_a_dashboard_and_no_onboarding(
    practice: Practice, connect: FakeConnect, zoe: Actor
) -> None:
    with pytest.raises(NotAllowed, match="no dashboard yet"):
        payments.dashboard_link(practice, cast("StripeGateway", connect), zoe, zoe.id)
    begin(practice, connect, zoe)
    gateway = cast("StripeGateway", connect)
    with pytest.raises(NotAllowed, match="no dashboard yet"):
        payments.dashboard_link(practice, gateway, zoe, zoe.id)
    connect.seen["acct_new1"] = AccountSeen("acct_new1", True, True, (), submitted=True)
    with pytest.raises(NotAllowed, match="enabled already"):
        begin(practice, connect, zoe)
    link = payments.dashboard_link(practice, gateway, zoe, zoe.id)
    assert link.startswith("https://dashboard.example.org/acct_new1/")
    assert link not in repr(makers.snapshot(practice))
    connect.seen["acct_new1"] = AccountSeen(
        "acct_new1", True, True, ("individual.id_number",), submitted=True, due_at=NOW + DAY
    )
    assert begin(practice, connect, zoe).startswith("https://connect")
    seen = state(practice, zoe)
    assert (seen.step, seen.due_at) == ("dashboard", NOW + DAY)
    assert seen.words == (
        "You can be paid. Soon needed: Stripe asks for your tax or identity number."
    )


def test_j5_an_account_that_was_turned_down_cannot_be_begun_anew(
    practice: Practice, connect: FakeConnect, zoe: Actor
) -> None:
    begin(practice, connect, zoe)
    connect.seen["acct_new1"] = AccountSeen("acct_new1", False, False, ("rejected.fraud",))
    with pytest.raises(NotAllowed, match="turned your account down"):
        begin(practice, connect, zoe)
    assert state(practice, zoe).step == "refused"


def test_j5_stripe_checking_asks_for_patience(
    practice: Practice, connect: FakeConnect, zoe: Actor
) -> None:
    begin(practice, connect, zoe)
    see(practice, zoe, "acct_new1", "requirements.pending_verification", submitted=True)
    seen = state(practice, zoe)
    assert (seen.step, seen.reason) == ("checking", "Stripe is checking your details")
    assert seen.asks == ()


def test_a1_only_the_counsellor_in_person_goes_to_stripe(
    practice: Practice, connect: FakeConnect, zoe: Actor
) -> None:
    gateway = cast("StripeGateway", connect)
    other = add_therapist(practice)
    stranger = Actor.client("nobody")
    for act in (payments.begin_onboarding, payments.dashboard_link):
        for actor in (other, stranger):
            with pytest.raises(NotFound):
                act(practice, gateway, actor, zoe.id)
        for actor in (TEAM, TEAM.on_behalf_of("therapist", zoe.id, "they asked")):
            with pytest.raises(NotAllowed, match="Only the counsellor"):
                act(practice, gateway, actor, zoe.id)
    for actor in (other, stranger):
        with pytest.raises(NotFound):
            payments.payments(practice, actor, zoe.id)
        with pytest.raises(NotFound):
            payments.look_again(practice, gateway, actor, zoe.id)
    assert connect.calls == []
    assert payments.payments(practice, TEAM, zoe.id).step == "begin"


def test_j5_few_accounts_are_read_often_and_many_share_the_reads(
    practice: Practice, clock: MovableClock, connect: FakeConnect, zoe: Actor
) -> None:
    sam = add_therapist(practice)
    see(practice, sam, "acct_2", ready=True)
    turn = row(practice, Therapist, sam.id)["account_next_at"]
    assert turn == clock.now() + MINUTE
    with practice.change() as tx:
        tx.run(Therapist.update(account_next_at=clock.now() + 99 * DAY))
    for number in range(30):
        add_therapist(practice, account=f"acct_more{number}")
    see(practice, sam, "acct_2", ready=True)
    turn = row(practice, Therapist, sam.id)["account_next_at"]
    assert turn == clock.now() + 31 * MINUTE // hearing.READS_A_MINUTE
    begin(practice, connect, zoe)
    see(practice, zoe, "acct_new1")
    turn = row(practice, Therapist, zoe.id)["account_next_at"]
    assert turn == clock.now() + MINUTE, "somebody is with Stripe"
    assert hearing.due_accounts(practice) == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("individual.verification.document", "a photo of your passport or driving licence"),
        ("person_1AbC.verification.document", "a photo of your passport or driving licence"),
        ("external_account", "your bank account"),
        ("tos_acceptance.date", "your agreement to Stripe's terms"),
        ("tos_acceptance.ip", "your agreement to Stripe's terms"),
        ("individual.address.line1", "your home address"),
        ("business_profile.mcc", "what kind of work you do"),
        ("business_profile.annual_revenue", "details of your business"),
        ("individual.favourite_colour", "something about “favourite colour”"),
        ("interv_9xYz.tea_preference.kind", "something about “tea preference kind”"),
        ("\x1b]52;c;cm0gLXJm\x07", "something about “52 c cm0glxjm”"),
        ("...", "something more about you"),
    ],
)
def test_what_stripe_asks_is_said_in_words(code: str, words: str) -> None:
    """J5; what is not known is softened, and never a code."""
    assert stripe_words.ask_words(code) == words


def test_parts_of_one_thing_are_asked_for_once() -> None:
    codes = ["requirements.past_due", "individual.dob.day", "individual.dob.year", "company.name"]
    assert stripe_words.asks_words(codes) == ("your date of birth", "the name of your business")
    assert stripe_words.reason_words(codes) == "Stripe is waiting for details from you"
    assert stripe_words.reason_words(["rejected.for_new_reasons"]) == (
        "Stripe has turned this account down and gives no reason"
    )
    assert stripe_words.reason_words(["individual.dob.day"]) is None
