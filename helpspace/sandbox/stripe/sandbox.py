"""The sandbox itself: Stripe's API behind one lock, and what people do on Stripe's own pages."""

from __future__ import annotations

import json
import threading
import time
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from collections.abc import Mapping as MappingType
from contextlib import contextmanager

from helpspace.sandbox.stripe import (
    accounts,
    api,
    attempts,
    balance,
    checkout,
    disputes,
    events,
    hosted,
    ledger,
    refunds,
)
from helpspace.sandbox.stripe.answers import Call, copied
from helpspace.sandbox.stripe.api import Incoming, Request, Response
from helpspace.sandbox.stripe.cards import CardAnswer, CardResult, answer
from helpspace.sandbox.stripe.errors import ApiError, NoAnswer, key_in_use, oops, too_many
from helpspace.sandbox.stripe.faults import Faults, Trip
from helpspace.sandbox.stripe.idempotency import Keys
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.state import Clock, World

DEFAULT_BASE = "https://sandbox.invalid"


class StripeSandbox:
    """A stateful, strict stand-in for Stripe, to be reached through a transport or over HTTP.

    `clock` tells the sandbox's time in epoch seconds; the same `ids_seed` gives the same ids.
    With `api_key` only that test key is let in. `sleep` does the waiting of slow answers, outside
    the lock, so that calls overlap. The last `keep_requests` requests are kept for tests.
    """

    def __init__(
        self,
        clock: Clock,
        *,
        ids_seed: str = "helpspace",
        base_url: str = DEFAULT_BASE,
        api_key: str | None = None,
        sleep: Callable[[float], None] = time.sleep,
        keep_requests: int = 100_000,
    ) -> None:
        self.clock = clock
        self.faults = Faults()
        self._seed = ids_seed
        self._api_key = api_key
        self._sleep = sleep
        self._lock = threading.RLock()
        self._requests: deque[Request] = deque(maxlen=keep_requests)
        self._count = 0
        self._world = World(clock, ids_seed, base_url.rstrip("/"))
        self._keys = Keys()

    # ---------------------------------------------------------------- the API

    def handle(
        self, method: str, path: str, headers: MappingType[str, str], body: bytes = b""
    ) -> Response:
        """Answer one request; raises NoAnswer when the connection is to end without one."""
        with self._lock:
            self._count += 1
            request_id = f"req_{self._count:014d}"
            incoming = api.take_apart(method, path, headers, body, request_id)
            call = incoming.call
            trip = self.faults.trip(call.method, call.path)
            record = Request(
                number=self._count,
                at=self.clock.now(),
                method=call.method,
                path=call.path,
                params=call.raw,
                idempotency_key=call.key,
                account=call.account,
                headers=incoming.shown,
                began=time.monotonic(),
                fault=trip.effect,
            )
            self._requests.append(record)
        try:
            if trip.effect == "drop_before":
                raise NoAnswer("the connection was dropped before anything happened")
            response = self._answer(incoming, trip)
            record.replayed = "Idempotent-Replayed" in response.headers
            if trip.effect == "no_answer_after":
                raise NoAnswer("the connection was dropped before the answer")
            record.status = response.status
            return response
        finally:
            record.ended = time.monotonic()

    def _answer(self, incoming: Incoming, trip: Trip) -> Response:
        """Judge, repeat or perform a request; the slow part is outside the lock."""
        call = incoming.call
        with self._lock:
            try:
                api.authorise(incoming, self._api_key)
                self._turn_away(call, trip)
                saved = self._keys.begin(call, self.clock.now())
            except ApiError as refusal:
                return self._packed_refusal(call, refusal)
        if saved is not None:
            self._wait(trip)
            return api.packed(
                saved.status, saved.body, call, self.clock.now(), replayed_from=saved.request_id
            )
        try:
            self._wait(trip)
            with self._turn():
                return self._perform(incoming, trip)
        finally:
            with self._lock:
                self._keys.release(call)

    def _turn_away(self, call: Call, trip: Trip) -> None:
        """Answers that come from the front door: nothing happens, nothing is kept."""
        if trip.effect == "429":
            raise too_many()
        if trip.effect == "409":
            raise key_in_use(call.key or "")
        if trip.effect == "503":
            raise ApiError(503, "api_error", "The sandbox is away for a moment.")
        if trip.effect == "account_error":
            status = 403 if trip.code == "account_invalid" else 400
            raise ApiError(
                status,
                "invalid_request_error",
                "The connected account cannot be used for this.",
                code=trip.code,
            )

    def _wait(self, trip: Trip) -> None:
        if trip.seconds > 0:
            self._sleep(trip.seconds)

    def _perform(self, incoming: Incoming, trip: Trip) -> Response:
        """Do what was asked and remember the answer under the key."""
        call, now = incoming.call, self.clock.now()
        status, body, kept = 200, b"", True
        try:
            if trip.effect == "500_before":
                raise oops()
            body = json.dumps(api.perform(self._world, incoming), indent=2).encode()
            if trip.effect == "500_after":
                raise oops()
        except ApiError as refusal:
            failure = oops() if trip.effect == "500_after" else refusal
            status, kept = failure.status, failure.began
            body = json.dumps(failure.body(call.request_id), indent=2).encode()
        if kept:
            self._keys.keep(call, now, status, body)
        return api.packed(status, body, call, now)

    def _packed_refusal(self, call: Call, refusal: ApiError) -> Response:
        body = json.dumps(refusal.body(call.request_id), indent=2).encode()
        return api.packed(refusal.status, body, call, self.clock.now())

    @contextmanager
    def _turn(self) -> Iterator[World]:
        """One change of the state: what time did by itself first, what follows the answer last."""
        with self._lock:
            checkout.end_overdue(self._world)
            try:
                yield self._world
            finally:
                while self._world.later:
                    self._world.later.popleft()()

    # ------------------------------------------------- what tests look at

    @property
    def base_url(self) -> str:
        """Where the hosted pages are said to be."""
        return self._world.base_url

    @base_url.setter
    def base_url(self, address: str) -> None:
        self._world.base_url = address.rstrip("/")

    @property
    def requests(self) -> tuple[Request, ...]:
        """Every request so far, oldest first."""
        with self._lock:
            return tuple(self._requests)

    def forget_requests(self) -> None:
        """Start the record of requests anew."""
        with self._lock:
            self._requests.clear()

    def reset(self) -> None:
        """Begin again with nothing, and with the same ids as the first time."""
        with self._lock:
            self._world = World(self.clock, self._seed, self._world.base_url)
            self._keys = Keys()
            self._requests.clear()
            self._count = 0
            self.faults.clear()

    def ledger(self) -> list[ledger.LedgerRow]:
        """What each payment intent came to, oldest first."""
        with self._turn() as world:
            return ledger.rows(world)

    def check(self, one_payment_per: str | None = None) -> None:
        """Raise LedgerBroken if anything about the money cannot be right."""
        with self._turn() as world:
            ledger.check(world, one_payment_per)

    def total(self, account: str = "") -> int:
        """The sum of all movements on the platform's or an account's balance, in pence."""
        with self._turn() as world:
            return balance.total(world, account)

    def get(self, ident: str) -> Obj:
        """A copy of any object, as the API would show it; KeyError if there is none."""
        with self._turn() as world:
            return copied(world.things[ident])

    def events(self, *, account: str | None = None) -> list[Obj]:
        """Every event of the last thirty days, oldest first, of all accounts or of one ("")."""
        with self._turn() as world:
            world.forget_old_events()
            return [e.show() for e in world.events if account is None or e.account == account]

    def signed_webhook(
        self, event: str | Obj, secret: str, *, at: int | None = None
    ) -> tuple[dict[str, str], bytes]:
        """Headers and raw body of a delivery of an event (or of its id), signed at an instant."""
        with self._turn() as world:
            shown = events.find_event(world, event).show() if isinstance(event, str) else event
            return events.sign(shown, secret, self.clock.now() if at is None else at)

    # ------------------------------------- what people and banks do elsewhere

    def type_card(
        self,
        session_id: str,
        number: str,
        *,
        approve: bool = True,
        exp_month: int | None = None,
        exp_year: int | None = None,
        name: str | None = None,
    ) -> CardResult:
        """Type a test card on a session's page, and answer the bank if it asks."""
        result = self.begin_card(session_id, number, exp_month, exp_year, name)
        return self.finish_card(session_id, yes=approve) if result.needs_approval else result

    def begin_card(
        self,
        session_id: str,
        number: str,
        exp_month: int | None = None,
        exp_year: int | None = None,
        name: str | None = None,
    ) -> CardResult:
        """Type a test card only; `needs_approval` says that the bank asks next."""
        with self._turn() as world:
            session = hosted.session_of(world, session_id)
            if session is None:
                return CardResult(False, "There is no such page.", "session_not_found")
            return hosted.begin_card(world, session, number, exp_month, exp_year, name)

    def finish_card(self, session_id: str, *, yes: bool) -> CardResult:
        """Answer the bank about the card typed before."""
        with self._turn() as world:
            session = hosted.session_of(world, session_id)
            if session is None:
                return CardResult(False, "There is no such page.", "session_not_found")
            return hosted.finish_card(world, session, yes=yes)

    def approve(self, payment_intent_id: str, *, yes: bool = True) -> CardResult:
        """Answer the bank's page that a payment intent waits for."""
        with self._turn() as world:
            return attempts.approve(world, world.things[payment_intent_id], yes=yes)

    def card_answers(self, payment_method_id: str, answers: Sequence[str | CardAnswer]) -> None:
        """Lay out what a card's bank says to the next attempts, before its number decides again.

        Words: "ok", "authentication_required", an error code or a decline code. An approval on
        the bank's page is followed by an answer of its own.
        """
        with self._turn() as world:
            script = world.cards[payment_method_id].script
            script.extend(answer(one) if isinstance(one, str) else one for one in answers)

    def renew_card(self, payment_method_id: str, *, exp_month: int, exp_year: int) -> None:
        """The bank sends the holder a new card and tells Stripe."""
        with self._turn() as world:
            method = world.things[payment_method_id]
            previous = {"card": {name: method["card"][name] for name in ("exp_month", "exp_year")}}
            method["card"].update(exp_month=exp_month, exp_year=exp_year)
            world.emit("payment_method.automatically_updated", method, previous)

    def complete_onboarding(
        self, account_id: str, *, bank_details: bool = True, verified: bool = True
    ) -> None:
        """Fill in the onboarding; without `verified` Stripe is still checking."""
        with self._turn() as world:
            account = world.account(account_id)
            accounts.submit(world, account, bank_details=bank_details, verified=verified)

    def verify(self, account_id: str) -> None:
        """Stripe is content: charges, and payouts where there is a bank account; ends a restriction."""
        with self._turn() as world:
            accounts.verify(world, world.account(account_id))

    def restrict(self, account_id: str, reason: str = "requirements.past_due") -> None:
        """Stripe holds an account up, for one of its `disabled_reason` words."""
        with self._turn() as world:
            accounts.restrict(world, world.account(account_id), reason)

    def deauthorise(self, account_id: str) -> None:
        """The owner of an account withdraws the platform's access."""
        with self._turn() as world:
            accounts.deauthorise(world, world.account(account_id))

    def open_dispute(self, charge_id: str, reason: str = "fraudulent") -> str:
        """A card holder disputes a charge; returns the dispute's id."""
        with self._turn() as world:
            return str(disputes.open_dispute(world, world.things[charge_id], reason)["id"])

    def close_dispute(self, dispute_id: str, *, won: bool) -> None:
        """The bank decides a dispute."""
        with self._turn() as world:
            disputes.close_dispute(world, world.things[dispute_id], won=won)

    def refund_answers(self, answers: Sequence[str]) -> None:
        """How the next refunds go: "ok", "pending" (until `finish_refund`) or "failed" later."""
        if not refunds.OUTCOMES.issuperset(answers):
            raise ValueError(f"a refund ends {', '.join(sorted(refunds.OUTCOMES))}")
        with self._turn() as world:
            world.refund_plan.extend(answers)

    def finish_refund(self, refund_id: str, *, ok: bool) -> None:
        """A pending refund arrives or fails."""
        with self._turn() as world:
            refunds.finish(world, world.things[refund_id], ok=ok)

    def short_of_money(self, account_id: str, *, short: bool = True) -> None:
        """Whether an account's balance is too small to take transfers back."""
        with self._turn() as world:
            if short:
                world.short.add(account_id)
            else:
                world.short.discard(account_id)

    def pay_out(self, account_id: str = "", *, fails: bool = False) -> str:
        """Send an account's (or the platform's) money to its bank; returns the payout's id."""
        with self._turn() as world:
            return str(balance.pay_out(world, account_id, fails=fails)["id"])
