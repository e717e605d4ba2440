"""One call to Stripe through its own SDK: our timeouts, our repeats, our rate, its clock.

Nothing is logged of what is sent.
"""

from __future__ import annotations

import logging
import random
import time
import uuid
from collections.abc import Callable, Iterator, Mapping
from email.utils import parsedate_to_datetime
from typing import Any

import stripe

from helpspace.core.clock import Clock
from helpspace.core.errors import KeyFault, OutsideFault
from helpspace.jobs import lanes
from helpspace.jobs.limiter import Limiter
from helpspace.jobs.stripe_answers import Obj, code_of, header, waits

API_VERSION = "2026-05-27.dahlia"
"""Pinned with the SDK: from the next version on, `payment_method_types` has another name."""

TIMEOUT = 20
"""Seconds until a call counts as unanswered; much shorter than a lease."""

REPEATS = 2
"""Quick repeats of one call, under the same key, before it counts as unanswered."""

PAGE = 100
MOST_PAGES = 200
"""Objects a listing gives at a time, and how many times it is asked: 20,000 objects."""


def _nobody() -> str | None:
    """There is no bot."""
    return None


class RoleLostError(stripe.StripeError):
    """Another process settles by now: nothing was sent."""

    def __init__(self) -> None:
        super().__init__("not sent", json_body={"error": {"code": "role_lost"}})


class UnfitKeyError(stripe.StripeError):
    """What was asked is not sent with this key; the code says why."""

    code_word = ""

    def __init__(self) -> None:
        super().__init__("not sent", json_body={"error": {"code": self.code_word}})


class OtherAccountError(UnfitKeyError):
    """The key belongs to another account than the store."""

    code_word = "other_stripe_account"


class NarrowKeyError(UnfitKeyError):
    """A restricted key that may not say whose it is."""

    code_word = "key_may_not_read_account"


class RefusedKeyError(UnfitKeyError):
    """A key that Stripe does not know, or no more."""

    code_word = "key_refused"


KEY_FAULTS = {
    OtherAccountError.code_word: (
        "The Stripe key belongs to another Stripe account than this store",
        "Set HELPSPACE_STRIPE_KEY to a key of the store's account; helpspace doctor names both.",
    ),
    NarrowKeyError.code_word: (
        "The restricted Stripe key may not read its own account",
        "Let it read Accounts (GET /v1/account), or set HELPSPACE_STRIPE_KEY to a secret key.",
    ),
    RefusedKeyError.code_word: (
        "Stripe does not accept the key",
        "It was mistyped or has ended: set HELPSPACE_STRIPE_KEY anew from Stripe's dashboard.",
    ),
}
"""What is told of a key that will not do, by code: what is wrong, and what the team does."""


def _anybody(_account: str) -> bool:
    """Every account will do."""
    return True


class Calls:
    """What every call to Stripe shares; one for all threads of a process.

    `http_client` stands in for the SDK's own, as a sandbox does. `bot` tells the bot's public name,
    where Stripe's pages lead back to without a public address; it is known once the bot has
    greeted. `shared` says that other processes may call beside this one, which then is a guest
    until it `settles`. `ours` says whether the account that the key belongs to is the store's;
    before it has said so, nothing else is sent (A5). `sleep`, `monotonic` and `jitter` are there
    for tests.
    """

    def __init__(
        self,
        key: str,
        *,
        api: str,
        rate: int,
        clock: Clock,
        public_url: str | None = None,
        bot: Callable[[], str | None] = _nobody,
        http_client: stripe.HTTPClient | None = None,
        shared: bool = False,
        ours: Callable[[str], bool] | None = None,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
        jitter: Callable[[], float] = random.random,
    ) -> None:
        # The SDK would write a file into the home folder and report the machine to Stripe.
        stripe.enable_telemetry = False
        logging.getLogger("stripe").setLevel(logging.WARNING)
        self._client = stripe.StripeClient(
            key,
            base_addresses={"api": api},
            stripe_version=API_VERSION,
            max_network_retries=0,
            http_client=http_client or stripe.RequestsClient(timeout=TIMEOUT),
        )
        self._clock = clock
        self._public_url = public_url
        self._bot = bot
        self._sleep = sleep
        self._jitter = jitter
        self._limiter = Limiter(rate, shared=shared, now=monotonic, sleep=sleep)
        self._monotonic = monotonic
        self._ours = ours or _anybody
        self._own: str | None = None
        """The id of the account that the key belongs to, once Stripe has said it."""
        self._sure = ours is None
        self._heard: tuple[int, float] | None = None
        """Stripe's Date at its last answer, and the monotonic instant of it."""

    def settles(self, still: Callable[[], bool]) -> None:
        """Tell how to ask whether this process settles, and so has most of the rate."""
        self._limiter.settles(still)

    def _listed(
        self,
        endpoint: str,
        method: Callable[..., Any],
        asked: dict[str, Any],
        *,
        before: str | None = None,
    ) -> Iterator[Obj]:
        """Give the objects of a listing, page by page: newest first, or after one oldest first."""
        step = "starting_after" if before is None else "ending_before"
        place = before
        for _ in range(MOST_PAGES):
            params: Any = {**asked, "limit": PAGE}
            if place is not None:
                params[step] = place
            page = self._call(endpoint, lambda params=params: method(params))  # type: ignore[misc]
            items: list[Obj] = page["data"] if before is None else page["data"][::-1]
            yield from items
            if not items or not page.get("has_more"):
                return
            place = str(items[-1]["id"])
        raise OutsideFault(
            "Stripe has more than can be listed at once", "Please report this to support."
        )

    def _asked(self, endpoint: str, act: Callable[[], Any]) -> Obj:
        """Make a call that a person waits for."""
        try:
            return self._call(endpoint, act)
        except stripe.StripeError as error:
            raise fault(error) from None

    def _own_account(self) -> str:
        """Return the id of the account that the key belongs to."""
        if self._own is None:
            accounts = self._client.v1.accounts
            try:
                found = self._call("GET account", accounts.retrieve_current, guarded=False)
            except stripe.PermissionError:
                raise NarrowKeyError from None
            except stripe.AuthenticationError:
                raise RefusedKeyError from None
            self._own = str(found["id"])
        return self._own

    def _make_sure(self) -> None:
        """Refuse to go on with a key of another account than the store's (A5)."""
        if not self._sure:
            if not self._ours(self._own_account()):
                raise OtherAccountError
            self._sure = True

    def _call(self, endpoint: str, act: Callable[[], Any], *, guarded: bool = True) -> Obj:
        """Make one call at the endpoint's rate, repeating it quickly where that cannot harm."""
        if guarded:
            self._make_sure()
        tries = 0
        while True:
            self._limiter.turn(endpoint, sweep=lanes.is_sweep())
            if not lanes.may_call():
                raise RoleLostError
            try:
                answer = act()
            except stripe.StripeError as error:
                self._note_time(error.headers)
                if isinstance(error, stripe.RateLimitError):
                    self._limiter.hold(endpoint, waits(error) + self._jitter())
                if tries == REPEATS or not _worth_repeating(error):
                    raise
                tries += 1
                self._sleep(0.25 * 2**tries * (0.5 + self._jitter()))
            else:
                self._note_time(answer.last_response.headers)
                found: Obj = answer.to_dict()
                return found

    def _note_time(self, headers: Mapping[str, str] | None) -> None:
        """Remember what time it is at Stripe (D4)."""
        text = header(headers, "Date")
        if text is None:
            return
        try:
            theirs = int(parsedate_to_datetime(text).timestamp())
        except ValueError:
            return
        self._heard = theirs, self._monotonic()


def with_key(key: str | None) -> Any:
    """Return a call's options; without a key of ours one is made that lasts for its repeats."""
    return {"idempotency_key": key or f"once:{uuid.uuid4()}"}


def _worth_repeating(error: stripe.StripeError) -> bool:
    """Say whether the same call may be made again at once: it carries the same key."""
    if isinstance(error, stripe.APIConnectionError):
        return True
    if header(error.headers, "Stripe-Should-Retry") == "false":
        return False
    return (error.http_status or 0) >= 500 or error.http_status == 409


def fault(error: stripe.StripeError) -> OutsideFault:
    """Return what a person who waits is told; the code is for the team."""
    code = code_of(error)
    if isinstance(error, UnfitKeyError):
        title, hint = KEY_FAULTS[code]
        return KeyFault(title, f"{hint} ({code})")
    return OutsideFault("Stripe did not answer as needed", f"Try again in a minute. ({code})")
