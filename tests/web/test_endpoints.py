"""Every web endpoint by its public name, composed as by `serve`: verified, durable, idempotent."""

from __future__ import annotations

import asyncio
import json
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import httpx
import pytest

from helpspace import serve
from helpspace.core import heartbeat
from helpspace.core.errors import Busy
from helpspace.core.moments import DAY
from helpspace.core.offload import Offload
from helpspace.core.payments import paying
from helpspace.core.store.tables import CardRequest, Inbox, StripeEvent, Therapist
from helpspace.jobs.sweeps import JOBS
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.telegram import SANDBOX_KEY, TelegramSandbox
from helpspace.web import app as web
from tests import makers
from tests.jobs.world import ASKS, World

SECRET = "whsec_of_the_tests"
OTHER = "whsec_of_the_connected_accounts"
PUBLIC = "https://practice.example.org"


@dataclass
class Site:
    """The endpoints of a practice, asked over ASGI."""

    world: World
    nudged: list[str] = field(default_factory=list)

    def ask(self, method: str, path: str, **request: Any) -> httpx.Response:
        """Make one request, whose failures are answers and not exceptions."""
        return self.ask_all((method, path, request))[0]

    def ask_all(self, *requests: tuple[str, str, dict[str, Any]]) -> list[httpx.Response]:
        """Make some requests one after the other."""

        async def live() -> list[httpx.Response]:
            service = serve._Service(self.world.practice, bot=True, jobs=True, listener=None)
            service.nudge = self._nudge  # type: ignore[method-assign]
            offload = Offload(self.world.practice, 1)
            app = web.create_app(service._ears(offload), offload)
            transport = httpx.ASGITransport(app, raise_app_exceptions=False)
            try:
                async with httpx.AsyncClient(transport=transport, base_url=PUBLIC) as client:
                    return [await client.request(how, at, **kw) for how, at, kw in requests]
            finally:
                await asyncio.to_thread(offload.close)

        return asyncio.run(live())

    async def _nudge(self, name: str) -> None:
        self.nudged.append(name)

    def event(self, **changes: Any) -> dict[str, Any]:
        """A real event of the sandbox, with changes."""
        self.world.account()
        return {**self.world.bank.events()[-1], **changes}

    def signed(
        self, event: dict[str, Any], *, secret: str = SECRET, age: int = 0
    ) -> tuple[str, str, dict[str, Any]]:
        """A delivery of an event as Stripe makes it."""
        at = int(time.time()) - age
        headers, body = self.world.bank.signed_webhook(event, secret, at=at)
        return "POST", "/stripe/webhook", {"headers": headers, "content": body}


@pytest.fixture
def backend() -> str:
    """SQLite: nothing here depends on the database."""
    return "sqlite"


@pytest.fixture
def site(store_url: str, clock: MovableClock) -> Iterator[Site]:
    """A practice with webhooks from Stripe and Telegram."""
    world = World(
        store_url,
        clock,
        STRIPE_WEBHOOK_SECRET=f"{SECRET}, {OTHER}",
        TELEGRAM_TOKEN=SANDBOX_KEY,
        TELEGRAM_WEBHOOK="on",
        PUBLIC_URL=PUBLIC,
    )
    yield Site(world)
    world.close()


# Stripe


def test_a_signed_event_is_heard_once(site: Site) -> None:
    delivery = site.signed(site.event())
    first, again = site.ask_all(delivery, delivery)
    assert (first.status_code, again.status_code) == (200, 200)
    assert len(site.world.rows(StripeEvent)) == 1
    assert site.nudged == ["stripe-events", "stripe-events"]


def test_either_endpoint_s_secret_verifies(site: Site) -> None:
    """A4: events of connected accounts come through an endpoint of their own, with its secret."""
    event = site.event()
    answers = site.ask_all(
        site.signed({**event, "id": "evt_a"}), site.signed({**event, "id": "evt_b"}, secret=OTHER),
        site.signed({**event, "id": "evt_c"}, secret=f"{SECRET}, {OTHER}"),
        site.signed({**event, "id": "evt_d"}, secret=""),
    )  # fmt: skip
    assert [one.status_code for one in answers] == [200, 200, 400, 400]
    assert {row["id"] for row in site.world.rows(StripeEvent)} == {"evt_a", "evt_b"}


def test_an_old_event_is_refused_under_either_secret(site: Site) -> None:
    event = site.event()
    for secret in (SECRET, OTHER):
        request = site.signed(event, secret=secret, age=serve.SKEW + 60)
        assert site.ask_all(request)[0].status_code == 400


def test_a_hint_lets_the_account_be_read_now(site: Site) -> None:
    """M5a: a webhook says where to look, and nothing else."""
    therapist = site.world.therapist()
    makers.set_row(site.world.practice, Therapist, therapist.id, account_next_at=None)
    account = site.world.account_of(therapist)
    event = next(
        e
        for e in site.world.bank.events()
        if e["type"] == "account.updated" and e["account"] == account
    )
    assert site.ask(*site.signed(event)[:2], **site.signed(event)[2]).status_code == 200
    row = makers.row(site.world.practice, Therapist, therapist.id)
    assert row["account_next_at"] == site.world.clock.now()


def test_an_unknown_event_is_taken_and_does_nothing(site: Site) -> None:
    delivery = site.signed(site.event(type="unheard.of", id="evt_new"))
    assert site.ask_all(delivery)[0].status_code == 200


@pytest.mark.parametrize("why", ["secret", "old", "edited", "unsigned", "early", "garbage"])
def test_what_does_not_verify_is_refused(site: Site, why: str) -> None:
    """A4: wrong secret, old time, edited body, no signature, a list instead of an event."""
    event = site.event()
    method, path, request = site.signed(event)
    if why == "secret":
        request = site.signed(event, secret="whsec_other")[2]
    elif why == "old":
        request = site.signed(event, age=serve.SKEW + 60)[2]
    elif why == "edited":
        request["content"] = request["content"].replace(b"account", b"acc0unt", 1)
    elif why == "unsigned":
        del request["headers"]["Stripe-Signature"]
    elif why == "early":
        request["headers"]["Stripe-Signature"] = "t=,v1="
    else:
        request = {"headers": request["headers"], "content": b"\xff\xfe"}
    answer = site.ask(method, path, **request)
    assert (answer.status_code, answer.text) == (400, "not accepted")
    assert site.world.rows(StripeEvent) == []
    assert site.nudged == []


def test_what_is_signed_but_no_event_is_refused(site: Site) -> None:
    answer = site.ask_all(site.signed([]))[0]  # type: ignore[arg-type]
    assert answer.status_code == 400


def test_without_a_secret_nothing_is_accepted(site: Site, store_url: str) -> None:
    open_site = Site(World(store_url, site.world.clock))
    assert open_site.ask_all(site.signed(site.event()))[0].status_code == 400
    open_site.world.close()


@pytest.mark.parametrize("path", ["/stripe/webhook", "/telegram/webhook"])
@pytest.mark.parametrize("told", [True, False], ids=["by its length", "while it comes"])
def test_a_huge_body_is_refused(site: Site, path: str, *, told: bool) -> None:
    async def endless() -> Any:
        for _ in range(20):
            yield b"x" * 60_000

    secret = {"X-Telegram-Bot-Api-Secret-Token": _secret(site)}
    body: Any = b"x" * (web.MOST_BYTES + 1) if told else endless()
    answer = site.ask("POST", path, content=body, headers=secret)
    assert answer.status_code == 413


# Telegram


def _secret(site: Site) -> str:
    from helpspace.bot import intake

    return intake.webhook_secret(site.world.practice)


def _updates(site: Site) -> list[tuple[str, str, dict[str, Any]]]:
    """The requests of a real webhook for somebody who starts the bot and writes their name."""
    sandbox = TelegramSandbox(site.world.clock, pace=None)
    given = {"url": f"{PUBLIC}/telegram/webhook", "secret_token": _secret(site)}
    asyncio.run(sandbox.call("setWebhook", given))
    phone = sandbox.phone(501, first_name="Sam")
    phone.start()
    phone.write("Canary Name")
    return [
        ("POST", one.url.removeprefix(PUBLIC), {"headers": one.headers, "content": one.body})
        for one in sandbox.webhook_requests()
    ]


def test_updates_are_durable_before_they_are_acknowledged_and_count_once(site: Site) -> None:
    """A4a: repeated ones are answered with 200 and not handled again."""
    start, name = _updates(site)
    answers = site.ask_all(start, start, name, start)
    assert [one.status_code for one in answers] == [200] * 4
    rows = site.world.rows(Inbox)
    assert sorted(row["kind"] for row in rows) == ["command", "text"]
    assert all(b"Canary" not in row["sealed"] for row in rows)
    assert site.nudged == ["bot"] * 4


@pytest.mark.parametrize("said", ["", "wrong", "é"])
def test_a_wrong_secret_token_is_refused(site: Site, said: str) -> None:
    method, path, request = _updates(site)[0]
    headers = [(b"x-telegram-bot-api-secret-token", said.encode("latin-1"))]
    answer = site.ask(method, path, content=request["content"], headers=headers)
    assert answer.status_code == 403
    assert site.world.rows(Inbox) == []


@pytest.mark.parametrize("body", [b"", b"garbage", b"[]", b"{}", b'{"update_id": "7"}', b"\xff"])
def test_garbage_with_the_right_token_is_refused(site: Site, body: bytes) -> None:
    headers = {"X-Telegram-Bot-Api-Secret-Token": _secret(site)}
    answer = site.ask("POST", "/telegram/webhook", content=body, headers=headers)
    assert answer.status_code == 400
    assert site.world.rows(Inbox) == []


def test_while_updates_are_polled_the_webhook_is_shut(site: Site, store_url: str) -> None:
    polling = Site(World(store_url, site.world.clock, TELEGRAM_TOKEN=SANDBOX_KEY))
    assert polling.ask_all(_updates(site)[0])[0].status_code == 403
    polling.world.close()


# Pages


def test_whoever_comes_back_from_the_card_page_is_thanked_and_looked_after(site: Site) -> None:
    world = site.world
    client = makers.add_client(world.practice, card=False)
    session = world.page(client)
    [row] = world.rows(CardRequest)
    assert row["next_at"] > world.clock.now()
    answer = site.ask("GET", "/card/done", params={"session": session})
    assert (answer.status_code, site.nudged) == (200, ["cards"])
    assert "Thank you. You can go back to the chat now" in answer.text
    assert answer.headers["content-security-policy"].startswith("default-src 'none'")
    assert answer.headers["cache-control"] == "no-store"
    [row] = world.rows(CardRequest)
    assert row["next_at"] == world.clock.now()


@pytest.mark.parametrize("session", ["", "cs_unknown", "<script>", "x" * 5000, "\x00"])
def test_a_visit_proves_nothing_and_echoes_nothing(site: Site, session: str) -> None:
    answer = site.ask("GET", "/card/done", params={"session": session})
    assert answer.status_code == 200
    assert "<script>" not in answer.text
    assert len(answer.text) < 1000


def test_whoever_comes_back_from_the_banks_page_is_looked_after(site: Site) -> None:
    """M6: the payment is looked at at once; it takes more than a visit to settle anything."""
    world = site.world
    session = world.booked(ASKS)
    world.to_charge(session)
    world.charge()
    done = paying.pay(world.practice, world.stripe, world.sam, session.id)
    assert done.outcome is paying.Outcome.BANK
    (row,) = world.bank.ledger()
    assert world.bank.approve(row.payment_intent).redirect == (
        f"{PUBLIC}/payments/done?payment_intent={row.payment_intent}"
        f"&payment_intent_client_secret={world.bank.get(row.payment_intent)['client_secret']}"
        "&redirect_status=succeeded"
    )
    asked = {"payment_intent": row.payment_intent, "redirect_status": "succeeded"}
    answer = site.ask("GET", "/payments/done", params=asked)
    assert (answer.status_code, site.nudged) == (200, ["charges"])
    assert "You can go back to the chat now" in answer.text
    assert world.payment(session) == "needs_approval"
    world.charge()
    assert world.payment(session) == "paid"
    site.ask("GET", "/payments/done", params=asked)
    assert site.nudged == ["charges"]


@pytest.mark.parametrize("payment", ["pi_unknown", "<script>", "x" * 5000, "pi_\x00"])
def test_a_visit_with_an_invented_payment_wakes_nobody(site: Site, payment: str) -> None:
    answer = site.ask("GET", "/payments/done", params={"payment_intent": payment})
    assert (answer.status_code, site.nudged) == (200, [])
    assert "<script>" not in answer.text


def test_whoever_comes_back_from_onboarding_is_looked_after(site: Site) -> None:
    """J5: who was sent to Stripe lately; a visit with nobody on the way wakes nothing."""
    answer = site.ask("GET", "/payments/done")
    assert (answer.status_code, site.nudged) == (200, [])
    therapist = site.world.therapist()
    sent = {"charges_enabled": 0, "account_link_at": site.world.clock.now()}
    makers.set_row(site.world.practice, Therapist, therapist.id, **sent)
    for nudged in (["accounts"], ["accounts"]):
        answer = site.ask("GET", "/payments/done")
        assert (answer.status_code, site.nudged) == (200, nudged)


# Health, and what is not there


def test_health_is_ok_while_every_job_has_run_lately(site: Site) -> None:
    practice, now = site.world.practice, site.world.clock.now()
    late = site.ask("GET", "/health")
    assert (late.status_code, late.json()["ok"]) == (503, False)
    assert set(late.json()["jobs"].values()) == {"late"}
    for job in JOBS:
        heartbeat.record(practice, job.name, now, 1, None)
    well = site.ask("GET", "/health")
    assert (well.status_code, well.json()["ok"]) == (200, True)
    heartbeat.record(practice, "charges", now, 1, "stripe_unheard")
    ill = site.ask("GET", "/health")
    assert (ill.status_code, ill.json()["jobs"]["charges"]) == (503, "stripe_unheard")
    site.world.clock.advance(DAY)
    assert set(site.ask("GET", "/health").json()["jobs"].values()) == {"late"}


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/", 404),
        ("GET", "/calendar/", 404),
        ("GET", "/stripe/webhook", 405),
        ("PUT", "/telegram/webhook", 405),
        ("POST", "/health", 405),
    ],
)
def test_nothing_else_is_there(site: Site, method: str, path: str, status: int) -> None:
    assert site.ask(method, path).status_code == status


def test_a_store_that_is_busy_asks_to_come_again(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """A4a: what could not be written down is not acknowledged; nothing of it is logged."""

    def busy(*_: object) -> None:
        raise Busy

    monkeypatch.setattr("helpspace.core.hearing.hear", busy)
    monkeypatch.setattr("helpspace.core.inbox.take_in", busy)
    event, update = site.signed(site.event()), _updates(site)[1]
    for answer in site.ask_all(event, update):
        assert (answer.status_code, answer.headers["retry-after"]) == (503, "10")
    assert site.nudged == []
    assert "Canary" not in caplog.text


def test_a_fault_of_ours_is_a_calm_500(
    site: Site, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def broken(*_: object) -> None:
        raise RuntimeError("Canary Name")

    monkeypatch.setattr("helpspace.core.inbox.take_in", broken)
    answer = site.ask_all(_updates(site)[1])[0]
    assert (answer.status_code, answer.text) == (
        500,
        "Something went wrong here; please try again.",
    )
    assert "Canary" not in answer.text + caplog.text


def test_the_body_of_an_event_is_verified_as_it_came(site: Site) -> None:
    """Raw bytes: the same event written otherwise has another signature."""
    event = site.event()
    _, _, request = site.signed(event)
    request["content"] = json.dumps(event).encode()
    assert site.ask("POST", "/stripe/webhook", **request).status_code == 400
