"""Onboarding through the real SDK, and Stripe's changes of mind without any visit (J5, M5)."""

from __future__ import annotations

import json
from urllib.parse import urlsplit

import pytest

from helpspace.core import hearing, profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import NotAllowed, OutsideFault
from helpspace.core.joining import payments
from helpspace.core.joining.payments import PaymentsState
from helpspace.core.moments import DAY, HOUR, MINUTE
from helpspace.core.store.tables import ConnectedAccount, Therapist
from helpspace.jobs import events
from helpspace.sandbox.stripe.pages import visit
from tests import makers
from tests.core import applicants
from tests.jobs.world import World


@pytest.fixture
def zoe(world: World) -> Actor:
    """A counsellor whose application has been approved."""
    one = applicants.fill_in(world.practice)
    applicants.submit(world.practice, one)
    applicants.approve(world.practice, one)
    return Actor.therapist(one)


def begin(world: World, who: Actor) -> str:
    return payments.begin_onboarding(world.practice, world.stripe, who, who.id)


def state(world: World, who: Actor) -> PaymentsState:
    return payments.payments(world.practice, who, who.id)


def fill_in(world: World, url: str, **form: str) -> str:
    """Visit the link and press a button; return where it leads back to."""
    path = urlsplit(url).path
    assert visit(world.bank, "GET", path, {}).status == 200
    back = visit(world.bank, "POST", path, form).location
    assert back is not None
    return back


def hidden(world: World, who: Actor) -> bool:
    why = profiles.therapist(world.practice, makers.TEAM, who.id).why_hidden
    return "payments_not_enabled" in why


def accounts(world: World) -> list[str]:
    return [one.id for one in world.sdk.v1.accounts.list({"limit": 100}).auto_paging_iter()]


def test_j5_the_account_is_express_in_gb_and_carries_ids_of_ours(world: World, zoe: Actor) -> None:
    begin(world, zoe)
    made = world.sdk.v1.accounts.retrieve(world.account_of(zoe)).to_dict()
    assert (made["country"], made["business_type"], made["email"]) == (
        "GB", "individual", applicants.EMAIL,
    )  # fmt: skip
    assert made["controller"]["stripe_dashboard"] == {"type": "express"}
    assert made["controller"]["requirement_collection"] == "stripe"
    assert set(made["capabilities"]) == {"card_payments", "transfers"}
    assert made["metadata"] == {
        "store": world.stripe_store(), "therapist": zoe.id, "number": "1",
    }  # fmt: skip
    (posted,) = world.posted("POST", "/accounts")
    assert posted.idempotency_key == f"{world.stripe_store()}:account:{zoe.id}:1:1"
    assert applicants.NAME not in repr(posted)


@pytest.mark.parametrize(
    ("form", "step", "asks"),
    [
        ({"do": "complete"}, "dashboard", ()),
        ({"do": "checking"}, "checking", ()),
        ({"do": "no_bank"}, "go_on", ("your bank account",)),
        ({"do": "restrict"}, "go_on", ("a photo of your passport or driving licence",)),
        ({"do": "submit", "person": "yes", "document": "yes", "bank": "yes"}, "go_on",
         ("your agreement to Stripe's terms",)),
        ({"do": "submit", "person": "yes", "document": "yes", "bank": "yes", "terms": "yes"},
         "dashboard", ()),
    ],
)  # fmt: skip
def test_j5_every_way_out_of_onboarding_is_read_from_the_account(
    world: World, zoe: Actor, form: dict[str, str], step: str, asks: tuple[str, ...]
) -> None:
    """Without the return link, an event or a webhook: within a minute by the sweep's own rhythm."""
    back = fill_in(world, begin(world, zoe), **form)
    assert back == "https://t.me/HelpspaceBot"
    assert (state(world, zoe).step, hidden(world, zoe)) == ("go_on", True)
    world.clock.advance(MINUTE)
    world.sweep("accounts")
    seen = state(world, zoe)
    assert (seen.step, seen.asks) == (step, asks)
    assert hidden(world, zoe) == (step != "dashboard")
    assert len(world.notices("account_ready")) == int(step == "dashboard")
    if step == "dashboard":
        link = payments.dashboard_link(world.practice, world.stripe, zoe, zoe.id)
        assert visit(world.bank, "GET", urlsplit(link).path, {}).status == 200


def test_j5_leaving_lets_somebody_go_on_where_they_were(world: World, zoe: Actor) -> None:
    fill_in(world, begin(world, zoe), do="leave")
    seen = payments.look_again(world.practice, world.stripe, zoe, zoe.id)
    assert seen.step == "go_on"
    assert seen.reason == "Stripe is waiting for details from you"
    assert seen.asks == (
        "your bank account", "your home address", "your date of birth", "your first name",
        "your last name", "your phone number", "your agreement to Stripe's terms",
    )  # fmt: skip
    fill_in(world, begin(world, zoe), do="complete")
    assert payments.look_again(world.practice, world.stripe, zoe, zoe.id).ready
    assert len(accounts(world)) == 1
    with pytest.raises(NotAllowed, match="enabled already"):
        begin(world, zoe)


def test_j5_with_a_public_address_stripe_leads_back_there(world: World, zoe: Actor) -> None:
    world.stripe = world.gateway(public_url="https://hs.example.org")
    url = begin(world, zoe)
    assert fill_in(world, url, do="leave") == "https://hs.example.org/payments/done"
    (asked,) = world.posted("POST", "/account_links")
    assert asked.params["type"] == "account_onboarding"
    assert asked.params["refresh_url"] == "https://hs.example.org/payments/done"
    assert urlsplit(url).path.rsplit("/", 1)[-1] not in repr(makers.snapshot(world.practice))


@pytest.mark.parametrize("fault", ["no_answer_after", "500_after", "500_before", "drop_before"])
@pytest.mark.parametrize("later", [1, 11 * MINUTE, 25 * HOUR])
def test_m5_lost_answers_make_no_second_account(
    world: World, zoe: Actor, fault: str, later: int
) -> None:
    """Also after Stripe has forgotten the key, and when it repeats a saved 500 under it."""
    world.bank.faults.add(fault, "POST", "/accounts", times=3)
    with pytest.raises(OutsideFault):
        begin(world, zoe)
    world.bank.faults.clear()
    world.clock.advance(later)
    if (fault, later) == ("500_before", 1):
        with pytest.raises(OutsideFault):
            begin(world, zoe)
        world.clock.advance(payments.SETTLED)
    url = begin(world, zoe)
    assert accounts(world) == [world.account_of(zoe)]
    fill_in(world, url, do="complete")
    assert payments.look_again(world.practice, world.stripe, zoe, zoe.id).ready


@pytest.mark.parametrize("path", ["/accounts", "/account_links"])
@pytest.mark.parametrize("method", ["GET", "POST"])
def test_m5_stripe_away_at_any_call_is_told_and_repeated(
    world: World, zoe: Actor, method: str, path: str
) -> None:
    world.bank.faults.add("503", method, path, times=3)
    if (method, path) != ("GET", "/account_links"):
        with pytest.raises(OutsideFault, match="Stripe did not answer"):
            begin(world, zoe)
    world.bank.faults.clear()
    begin(world, zoe)
    assert len(accounts(world)) == 1


def ready(world: World, zoe: Actor) -> str:
    fill_in(world, begin(world, zoe), do="complete")
    payments.look_again(world.practice, world.stripe, zoe, zoe.id)
    assert not hidden(world, zoe)
    return world.account_of(zoe)


@pytest.mark.parametrize("told", ["rhythm", "event"])
@pytest.mark.parametrize("flip", ["charges", "due", "deadline", "withdrawn"])
def test_issue_3_done_5_flips_show_without_any_visit(
    world: World, zoe: Actor, flip: str, told: str
) -> None:
    """By webhook, or without one by the sweep's own rhythm; profile, words, one mail."""
    account = ready(world, zoe)
    heard = len(world.bank.events(account=account))
    match flip:
        case "charges":
            world.bank.restrict(account, "under_review")
        case "due":
            world.bank.ask_account(account, ["external_account"], held=True)
        case "deadline":
            world.bank.ask_account(account, ["individual.id_number"], within=9 * DAY)
        case _:
            world.bank.deauthorise(account)
    if told == "event":
        for one in world.bank.events(account=account)[heard:]:
            assert events.take_in(world.practice, one)
    else:
        world.clock.advance(MINUTE)
    for _ in range(3):
        world.sweep("accounts")
    seen = state(world, zoe)
    assert hidden(world, zoe) == (flip != "deadline")
    for party in ("therapist", "team"):
        assert len(world.notices("account_lost", party)) == int(flip != "deadline")
    assert (seen.step, seen.asks) == {
        "charges": ("checking", ()),
        "due": ("go_on", ("your bank account",)),
        "deadline": ("dashboard", ("your tax or identity number",)),
        "withdrawn": ("begin_again", ()),
    }[flip]
    if flip == "deadline":
        assert (seen.due_at or 0) - world.clock.now() in range(9 * DAY - MINUTE, 9 * DAY + 1)
    world.sweep("delivery")
    assert world.post.subjects.count("Payments to you have stopped") == int(flip != "deadline")


def test_j5_the_ready_mail_is_dropped_when_it_is_not_so_any_more(world: World, zoe: Actor) -> None:
    """N5: only what holds when it is sent."""
    account = ready(world, zoe)
    world.bank.restrict(account)
    payments.look_again(world.practice, world.stripe, zoe, zoe.id)
    world.sweep("delivery")
    assert "Payments are enabled" not in world.post.subjects
    assert "Payments to you have stopped" in world.post.subjects


def test_j5_a_withdrawn_account_is_begun_anew_and_the_old_id_is_kept(
    world: World, zoe: Actor
) -> None:
    old = ready(world, zoe)
    world.bank.deauthorise(old)
    world.clock.advance(MINUTE)
    world.sweep("accounts")
    url = begin(world, zoe)
    new = world.account_of(zoe)
    assert new != old
    kept = [(one["account"], one["gone_at"]) for one in world.rows(ConnectedAccount)]
    assert kept == [(old, world.clock.now()), (new, None)]
    fill_in(world, url, do="complete")
    world.clock.advance(MINUTE)
    world.sweep("accounts", "delivery")
    assert not hidden(world, zoe)
    assert accounts(world) == [new]


def test_m5_a_booked_session_is_charged_to_the_new_account(world: World) -> None:
    """J5: booked sessions stay; what was taken before stays with the old account."""
    session = world.booked()
    old = world.account_of(world.zoe)
    world.bank.deauthorise(old)
    world.clock.advance(MINUTE)
    world.sweep("accounts")
    fill_in(world, begin(world, world.zoe), do="complete")
    world.clock.advance(MINUTE)
    world.sweep("accounts")
    world.to_charge(session)
    world.settle()
    assert world.payment(session) == "paid"
    (row,) = world.bank.ledger()
    assert row.gross == 6000
    assert world.bank.total(world.account_of(world.zoe)) == 6000
    assert world.account_of(world.zoe) != old


def test_j5_what_was_left_ticked_is_due(world: World, zoe: Actor) -> None:
    """The form over HTTP says what it asks; codes are kept, words are shown."""
    path = urlsplit(begin(world, zoe)).path
    html = visit(world.bank, "GET", path, {}).html
    assert html.count('type="checkbox"') == 4
    visit(world.bank, "POST", path, {"do": "submit", "person": "yes", "terms": "yes"})
    payments.look_again(world.practice, world.stripe, zoe, zoe.id)
    row = makers.row(world.practice, Therapist, zoe.id)
    assert json.loads(row["requirements"]) == [
        "requirements.past_due", "external_account", "individual.verification.document",
    ]  # fmt: skip
    assert state(world, zoe).dashboard


def test_j5_coming_back_reads_only_those_who_were_sent_to_stripe(world: World, zoe: Actor) -> None:
    """The visit proves nothing and names nobody."""
    waits = world.therapist()
    makers.set_row(
        world.practice, Therapist, waits.id, payouts_enabled=0,
        account_next_at=world.clock.now() + 9 * HOUR,
    )  # fmt: skip
    assert hearing.look_at_accounts(world.practice) == 0
    fill_in(world, begin(world, zoe), do="complete")
    assert hearing.look_at_accounts(world.practice) == 1
    assert world.sweep("accounts")["accounts"].did == 1
    assert not hidden(world, zoe)
    assert hidden(world, waits)
