"""A practice with its whole outside in one process: sandbox Stripe, recorded mail and chat."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from email.message import EmailMessage
from typing import Any

import stripe

from helpspace.core import appointments, booking, cards, confirm, links
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.gateways import Button, Outcome, Outside, Taken
from helpspace.core.moments import DAY
from helpspace.core.notices import NoticeView, notices
from helpspace.core.payments.store_name import store_name
from helpspace.core.store.tables import Client, Payment, Therapist
from helpspace.jobs import charges, sweeps
from helpspace.jobs.report import Report
from helpspace.jobs.stripe import API_VERSION, Stripe
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe import StripeSandbox
from helpspace.sandbox.stripe.transport import SandboxHTTPClient
from tests import makers

KEY = "sk_test_helpspace"
PAYS = "4242424242424242"
DECLINES = "4000000000000341"
EMPTY = "4000008260003178"
ASKS = "4000002760003184"
BOT = "HelpspaceBot"


class Post:
    """A mailer that keeps what it is given and answers as told."""

    def __init__(self) -> None:
        self.sent: list[EmailMessage] = []
        self.answer: Callable[[EmailMessage], Outcome] = lambda _message: Taken()
        self.rested = 0

    def send(self, message: EmailMessage) -> Outcome:
        outcome = self.answer(message)
        if isinstance(outcome, Taken):
            self.sent.append(message)
        return outcome

    def rest(self) -> None:
        self.rested += 1

    @property
    def subjects(self) -> list[str]:
        return [str(message["Subject"]) for message in self.sent]


class Chat:
    """A chat that keeps what it is given and answers as told."""

    def __init__(self) -> None:
        self.sent: list[tuple[int, str, list[Button]]] = []
        self.silent: list[bool] = []
        self.answer: Callable[[int], Outcome] = lambda _chat: Taken()

    def send(
        self,
        chat_id: int,
        text: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
    ) -> Outcome:
        outcome = self.answer(chat_id)
        if isinstance(outcome, Taken):
            self.silent.append(silent)
            self.sent.append((chat_id, text, [one for row in buttons for one in row]))
        return outcome


class World:
    """Everything around a practice, and short words for what people and jobs do."""

    zoe: Actor
    sam: Actor

    def __init__(self, url: str, clock: MovableClock, **settings: str) -> None:
        self.clock = clock
        given = {
            "STRIPE_KEY": KEY,
            "STRIPE_API": "https://sandbox.invalid",
            "MAIL_FROM": "Helpspace <hello@helpspace.example>",
            "SUPPORT_EMAIL": "help@helpspace.example",
            **settings,
        }
        self.practice = makers.practice_at(url, clock, **given)
        links.remember_bot(self.practice, BOT)
        self.slept: list[float] = []
        """Seconds that were waited for, each time; they passed at once."""
        self.paused = 0.0
        """Those of the gateway, all together."""
        self.bank = StripeSandbox(clock, sleep=self.slept.append)
        self.stripe = self.gateway()
        self.sdk = stripe.StripeClient(
            KEY, stripe_version=API_VERSION, http_client=SandboxHTTPClient(self.bank)
        )
        self.post = Post()
        self.chat = Chat()
        self.outside = Outside(self.stripe, self.post, self.chat)

    def gateway(self, **options: Any) -> Stripe:
        """A gateway of the real SDK on the sandbox that never really sleeps."""
        given: dict[str, Any] = {
            "api": self.practice.settings.stripe_api,
            "rate": 1_000_000,
            "clock": self.clock,
            "bot": lambda: BOT,
            "http_client": SandboxHTTPClient(self.bank),
            "sleep": self._pause,
            "monotonic": lambda: time.monotonic() + self.paused,
            "jitter": lambda: 0.5,
        }
        return Stripe(KEY, **{**given, **options})

    def _pause(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.paused += seconds

    def close(self) -> None:
        self.practice.store.close()

    # People

    def account(self) -> str:
        """A connected account that is ready to be paid."""
        wanted: Any = {name: {"requested": True} for name in ("card_payments", "transfers")}
        made = self.sdk.v1.accounts.create({"country": "GB", "capabilities": wanted})
        self.bank.complete_onboarding(made.id)
        return made.id

    def therapist(self, name: str = "Zoë O'Brien", **changes: Any) -> Actor:
        """A therapist who is ready to publish, with a real account."""
        changes.setdefault("account", self.account())
        return makers.add_therapist(self.practice, name, **changes)

    def client(self, card: str | None = PAYS, *, confirmed: bool = True, **who: Any) -> Actor:
        """A client who has typed a card on the page, and confirmed the address."""
        client = makers.add_client(self.practice, card=False, **who)
        if card is not None:
            self.type_card(client, card)
        if confirmed:
            assert self.confirm(client)
        return client

    def type_card(self, client: Actor, number: str = PAYS, request: str | None = None) -> str:
        """Let a client type a card on Stripe's page and the sweep take it up; returns its id."""
        result = self.bank.type_card(self.page(client, request), number)
        assert result.ok, result
        self.clock.advance(cards.LOOK_EVERY)
        self.sweep("cards")
        return self.card_of(client)

    def page(self, client: Actor, request: str | None = None) -> str:
        """Open a client's card page and return the session behind it."""
        request = request or cards.ask_for_card(self.practice, client)
        page = cards.page(self.practice, self.stripe, client, request)
        return page.url.rsplit("/", 1)[-1]

    def confirm(self, client: Actor) -> bool:
        """Let a client open a confirm link."""
        token = confirm.make_token(self.practice, client.id)
        return confirm.confirm_email(self.practice, client, token)

    def booked(self, card: str = PAYS, **options: Any) -> AppointmentView:
        """A session of £60 on Friday between two new people, Zoë and Sam."""
        self.zoe = self.therapist(**options)
        self.sam = self.client(card)
        return self.session(self.zoe, self.sam)

    def session(self, therapist: Actor, client: Actor, start: int = makers.SOON) -> AppointmentView:
        """A booked session."""
        return makers.session(self.practice, therapist, client, start)

    def cancel(self, actor: Actor, appointment_id: str) -> None:
        booking.cancel(self.practice, actor, appointment_id)

    # Jobs

    def sweep(self, *names: str) -> dict[str, Report]:
        """Run sweeps as `jobs run` does."""
        return dict(sweeps.run(self.practice, self.outside, names))

    def charge(self) -> Report:
        """Settle what is due, one case at a time."""
        return charges.sweep(self.practice, self.stripe, worker="w", parallel=1)

    def settle(self, longest: int = 2 * DAY) -> None:
        """Settle until nothing more is due within a while, moving the clock to what is due next."""
        until = self.clock.now() + longest
        for _ in range(200):
            self.charge()
            due = self.next_due()
            if due is None or due > until:
                return
            self.clock.move_to(due)
        raise AssertionError("settlement never comes to rest")

    def next_due(self) -> int | None:
        rows = self.rows(Payment)
        turns = [row["next_at"] or row["held_until"] for row in rows]
        return min((turn for turn in turns if turn is not None), default=None)

    def to_charge(self, appointment: AppointmentView) -> None:
        """Move the clock to the first instant at which a fee may be taken (M2a)."""
        self.clock.move_to(appointment.free_until + 60)

    # What came of it

    def payment(self, appointment: AppointmentView) -> str:
        """Where an appointment's money stands, as the team sees it."""
        return appointments.appointment(self.practice, makers.TEAM, appointment.id).payment

    def session_of(self, appointment: AppointmentView) -> AppointmentView:
        """A session as it is now."""
        return appointments.appointment(self.practice, makers.TEAM, appointment.id)

    def customer_of(self, client: Actor) -> str:
        return str(makers.row(self.practice, Client, client.id)["customer"])

    def reason(self, appointment: AppointmentView) -> str | None:
        """Why a payment stands where it does."""
        return makers.payment_of(self.practice, appointment.id)["reason"]

    def stripe_store(self) -> str:
        """The store's own name, which everything at Stripe carries."""
        with self.practice.reading() as view:
            return store_name(view)

    def account_of(self, therapist: Actor) -> str:
        return str(makers.row(self.practice, Therapist, therapist.id)["account"])

    def card_of(self, client: Actor) -> str:
        return str(makers.row(self.practice, Client, client.id)["card"])

    def rows(self, model: Any) -> list[dict[str, Any]]:
        """Every row of a table."""
        return makers.all_rows(self.practice, model)

    def money(self) -> tuple[int, int]:
        """What the bank has taken and given back in all, after checking its books."""
        self.bank.check("appointment")
        rows = self.bank.ledger()
        return sum(row.gross for row in rows), sum(row.refunded for row in rows)

    def posted(self, method: str, pattern: str) -> list[Any]:
        """The requests that reached the bank, by method and the end of their path."""
        return [
            one for one in self.bank.requests if one.method == method and one.path.endswith(pattern)
        ]

    def notices(self, event: str, party: str | None = None) -> list[NoticeView]:
        """The notices of an event in the order they were written."""
        found = [one for one in notices(self.practice, makers.TEAM) if one.event == event]
        return [one for one in reversed(found) if party in (None, one.party)]
