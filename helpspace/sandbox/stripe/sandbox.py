"""The sandbox itself: Stripe's API behind one lock, and what tests may look at."""

from __future__ import annotations

import json
import time
from collections import deque
from collections.abc import Callable, Mapping

from helpspace.sandbox.stripe import api, balance, events, ledger
from helpspace.sandbox.stripe.answers import Call
from helpspace.sandbox.stripe.api import Incoming, Request, Response
from helpspace.sandbox.stripe.errors import ApiError, NoAnswer, key_in_use, oops, too_many
from helpspace.sandbox.stripe.faults import Faults, Trip
from helpspace.sandbox.stripe.idempotency import Keys
from helpspace.sandbox.stripe.params import Obj
from helpspace.sandbox.stripe.people import People
from helpspace.sandbox.stripe.state import Clock, World

DEFAULT_BASE = "https://sandbox.invalid"


class StripeSandbox(People):
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
        super().__init__(World(clock, ids_seed, base_url.rstrip("/")))
        self.clock = clock
        self.faults = Faults()
        self._seed = ids_seed
        self._api_key = api_key
        self._sleep = sleep
        self._requests: deque[Request] = deque(maxlen=keep_requests)
        self._count = 0
        self._keys = Keys()

    def handle(
        self, method: str, path: str, headers: Mapping[str, str], body: bytes = b""
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
            with self.turn():
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
            failure = oops() if trip.effect == "500_after" and refusal.began else refusal
            status, kept = failure.status, failure.began
            body = json.dumps(failure.body(call.request_id), indent=2).encode()
        if kept:
            self._keys.keep(call, now, status, body)
        return api.packed(status, body, call, now)

    def _packed_refusal(self, call: Call, refusal: ApiError) -> Response:
        body = json.dumps(refusal.body(call.request_id), indent=2).encode()
        return api.packed(refusal.status, body, call, self.clock.now())

    @property
    def platform(self) -> str:
        """The id of the platform's own account."""
        return self._world.platform

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
        with self.turn() as world:
            return ledger.rows(world)

    def check(self, one_payment_per: str | None = None) -> None:
        """Raise LedgerError if anything about the money cannot be right."""
        with self.turn() as world:
            ledger.check(world, one_payment_per)

    def total(self, account: str = "") -> int:
        """The sum of all movements on the platform's or an account's balance, in pence."""
        with self.turn() as world:
            return balance.total(world, account)

    def events(self, *, account: str | None = None) -> list[Obj]:
        """Every event of the last thirty days, oldest first, of all accounts or of one ("")."""
        with self.turn() as world:
            world.forget_old_events()
            return [e.show() for e in world.events if account is None or e.account == account]

    def signed_webhook(
        self, event: str | Obj, secret: str, *, at: int | None = None
    ) -> tuple[dict[str, str], bytes]:
        """Headers and raw body of a delivery of an event (or of its id), signed at an instant."""
        with self.turn() as world:
            shown = events.find_event(world, event).show() if isinstance(event, str) else event
            return events.sign(shown, secret, self.clock.now() if at is None else at)
