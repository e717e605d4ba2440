"""A key of another platform: nothing is believed and nobody is told (A5, J5, M5).

To such a key every connected account looks withdrawn, and every payment never made.
"""

from __future__ import annotations

from typing import Any

import pytest
import stripe

from helpspace.core import cards, platform, profiles, reconcile
from helpspace.core.errors import KeyFault, OutsideFault
from helpspace.core.joining import payments
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Client, Notice, Therapist
from helpspace.jobs import accounts, charges
from helpspace.jobs.stripe import Stripe
from helpspace.sandbox.stripe import StripeSandbox
from helpspace.sandbox.stripe.transport import SandboxHTTPClient
from helpspace.wiring import open_outside
from tests import makers
from tests.jobs.world import World


@pytest.fixture
def other(world: World) -> StripeSandbox:
    """Another platform's account at Stripe, which knows none of our people."""
    return StripeSandbox(world.clock, ids_seed="somebody else", sleep=world.slept.append)


def with_key_of(world: World, bank: StripeSandbox) -> Stripe:
    """Return a gateway as a process has it whose key is another platform's."""
    return world.gateway(http_client=SandboxHTTPClient(bank))


def asked(bank: StripeSandbox) -> set[str]:
    """Return what was asked of a platform, without the look at its clock."""
    return {f"{one.method} {one.path}" for one in bank.requests} - {"GET /v1/balance"}


def test_the_accounts_are_not_believed_to_be_gone(world: World, other: StripeSandbox) -> None:
    """One line, no mail, no profile hidden; with the right key again all goes on."""
    people = [world.therapist(f"Person {number}") for number in range(3)]
    for one in people:
        makers.open_slot(world.practice, one, makers.SOON + 20 * DAY)
    world.clock.advance(2 * DAY)
    assert accounts.sweep(world.practice, world.stripe).error is None
    world.clock.advance(2 * DAY)
    before = makers.snapshot(world.practice)
    report = accounts.sweep(world.practice, with_key_of(world, other))
    assert (report.did, report.error) == (0, "other_stripe_account")
    assert report.words == (
        "stopped: HELPSPACE_STRIPE_KEY belongs to another Stripe account than this store; set a key"
        " of that account, or use another store (helpspace doctor names both)"
    )
    assert makers.snapshot(world.practice) == before
    assert asked(other) == {"GET /v1/account"}
    assert all(profiles.therapist(world.practice, one, one.id).visible for one in people)
    again = accounts.sweep(world.practice, world.stripe)
    assert (again.error, again.words[:15]) == (None, "read 3 accounts")
    assert [row["event"] for row in world.rows(Notice) if "account" in row["event"]] == []


def test_nothing_is_charged_and_nothing_is_written_down(world: World, other: StripeSandbox) -> None:
    booked = world.booked()
    assert platform.is_ours(world.practice, world.bank.platform)
    world.to_charge(booked)
    before = makers.snapshot(world.practice)
    report = charges.sweep(world.practice, with_key_of(world, other), worker="w")
    assert (report.did, report.error) == (0, "other_stripe_account")
    assert makers.snapshot(world.practice) == before
    assert asked(other) == {"GET /v1/account"}
    world.settle()
    assert world.money() == (6000, 0)


def test_the_first_look_binds_the_store(world: World, other: StripeSandbox) -> None:
    """Once, to whoever is first; the account is asked for once in a process."""
    world.therapist()
    world.clock.advance(2 * DAY)
    with world.practice.reading() as view:
        assert platform.account_of(view) is None
    for _ in range(3):
        accounts.sweep(world.practice, world.stripe)
        world.clock.advance(2 * DAY)
    assert [one.path for one in world.bank.requests].count("/v1/account") == 1
    with world.practice.reading() as view:
        assert platform.account_of(view) == world.stripe.platform() == world.bank.platform
    assert world.bank.platform != other.platform
    assert not platform.is_ours(world.practice, other.platform)


def test_while_stripe_does_not_answer_nothing_is_bound(world: World) -> None:
    world.therapist()
    world.clock.advance(2 * DAY)
    world.bank.faults.add("503", "GET", "account", times=3)
    report = accounts.sweep(world.practice, world.stripe)
    assert (report.did, report.error) == (0, "stripe_unheard")
    with world.practice.reading() as view:
        assert platform.account_of(view) is None
    assert accounts.sweep(world.practice, world.stripe).error is None


def test_two_that_look_first_agree(practice: Practice) -> None:
    """Whoever commits first decides, also for who had read before."""
    second = makers.beside(practice)
    with practice.change() as tx:
        tx.set_fact("stripe_account", "acct_1")
    assert not platform.is_ours(second, "acct_2")
    assert platform.is_ours(second, "acct_1")
    second.store.close()


# A process's own gateway refuses by itself, whatever it is asked to do


@pytest.fixture
def wrong(world: World, other: StripeSandbox) -> Stripe:
    """The gateway of a process with the wrong key, on a store that is bound."""
    assert platform.is_ours(world.practice, world.bank.platform)
    outside = open_outside(
        world.practice.settings, world.practice, stripe_http=SandboxHTTPClient(other)
    )
    assert isinstance(outside.stripe, Stripe)
    return outside.stripe


def test_no_person_and_no_sweep_gets_past_it(
    world: World, other: StripeSandbox, wrong: Stripe
) -> None:
    """Pages for cards, looks at accounts, events, the comparison of the books."""
    zoe, sam = world.therapist(), world.client(None)
    request = cards.ask_for_card(world.practice, sam)
    for act in (
        lambda: cards.page(world.practice, wrong, sam, request),
        lambda: payments.look_again(world.practice, wrong, zoe, zoe.id),
        lambda: wrong.events_after(None),
        lambda: reconcile.reconcile(world.practice, wrong),
        lambda: wrong.payments(world.stripe_store()),
    ):
        with pytest.raises(OutsideFault, match="other_stripe_account"):
            act()
    assert asked(other) == {"GET /v1/account"}
    assert makers.row(world.practice, Client, sam.id)["customer"] is None
    row = makers.row(world.practice, Therapist, zoe.id)
    assert (row["account_gone_at"], row["charges_enabled"]) == (None, 1)
    assert [one["event"] for one in world.rows(Notice) if "lost" in one["event"]] == []


def test_an_account_that_is_really_gone_is_still_told(world: World) -> None:
    """The guard does not hide what is so: the same look, with the store's own key."""
    zoe = world.therapist()
    account = world.account_of(zoe)
    outside = open_outside(
        world.practice.settings, world.practice, stripe_http=SandboxHTTPClient(world.bank)
    )
    assert outside.stripe is not None
    world.bank.deauthorise(account)
    payments.look_again(world.practice, outside.stripe, zoe, zoe.id)
    assert makers.row(world.practice, Therapist, zoe.id)["account_gone_at"] is not None


def test_a5_a_restricted_key_says_what_it_lacks(world: World) -> None:
    """A key that may not read /v1/account is no silent Stripe: one line says what to allow."""
    booked = world.booked()
    world.to_charge(booked)
    world.bank.faults.add("account_error", "GET", "/v1/account$", times=None)
    narrow = world.gateway(ours=lambda account: platform.is_ours(world.practice, account))
    report = charges.sweep(world.practice, narrow, worker="w")
    assert (report.did, report.error) == (0, "stripe_key")
    assert "may not read its own account. Let it read Accounts (GET" in report.words
    with pytest.raises(KeyFault, match="key_may_not_read_account"):
        narrow.events_after(None)
    assert world.money() == (0, 0)
    world.bank.faults.clear()
    world.settle()
    assert world.money() == (6000, 0)


def test_a5_a_key_that_has_ended_is_no_silent_stripe(world: World) -> None:
    booked = world.booked()
    world.to_charge(booked)
    ended = Stripe("sk_test", api="https://x.invalid", rate=100, clock=world.clock, http_client=
                   Refusing(), sleep=world.slept.append)  # fmt: skip
    report = charges.sweep(world.practice, ended, worker="w")
    assert (report.did, report.error) == (0, "stripe_key")
    assert "mistyped or has ended" in report.words


class Refusing(stripe.HTTPClient):
    """Stripe's answer to a key that it does not know."""

    name = "refusing"

    def request(self, *_args: Any, **_more: Any) -> tuple[bytes, int, dict[str, str]]:
        body = b'{"error": {"type": "invalid_request_error", "message": "Invalid API Key"}}'
        return body, 401, {}

    def request_with_retries(self, *args: Any, **more: Any) -> tuple[bytes, int, dict[str, str]]:
        return self.request(*args, **more)

    def close(self) -> None:
        """Nothing is open."""
