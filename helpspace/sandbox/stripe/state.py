"""Everything that the sandbox remembers: objects in Stripe's own shape, and what happened."""

from __future__ import annotations

import hashlib
import json
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Protocol

from helpspace.sandbox.stripe.cards import HeldCard, TypedCard
from helpspace.sandbox.stripe.errors import missing, no_access
from helpspace.sandbox.stripe.params import Obj

API_VERSION = "2026-05-27.dahlia"
PLATFORM = ""
EVENT_LIFE = 30 * 86_400
ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"


class Clock(Protocol):
    """What tells the time: epoch seconds, UTC."""

    def now(self) -> int: ...


@dataclass(frozen=True)
class Event:
    """One thing that happened, with the object as it was then."""

    id: str
    type: str
    created: int
    account: str
    text: str

    def show(self) -> Obj:
        """The event as the API gives it."""
        shown: Obj = json.loads(self.text)
        return shown


@dataclass
class Link:
    """An onboarding link: good for one visit within five minutes."""

    account: str
    return_url: str
    refresh_url: str
    expires_at: int
    opened: bool = False
    done: bool = False


@dataclass
class World:
    """The state behind the API; whoever touches it holds the sandbox's lock.

    Objects are kept exactly as the API shows them, with ids where another object can be expanded.
    """

    clock: Clock
    seed: str
    base_url: str
    things: dict[str, Obj] = field(default_factory=dict)
    order: dict[str, list[str]] = field(default_factory=dict)
    owners: dict[str, str] = field(default_factory=dict)
    events: deque[Event] = field(default_factory=deque)
    later: deque[Callable[[], None]] = field(default_factory=deque)
    cards: dict[str, HeldCard] = field(default_factory=dict)
    links: dict[str, Link] = field(default_factory=dict)
    dashboards: dict[str, str] = field(default_factory=dict)
    typed: dict[str, TypedCard] = field(default_factory=dict)
    open_sessions: dict[str, int] = field(default_factory=dict)
    session_plans: dict[str, Obj] = field(default_factory=dict)
    approvals: dict[str, str] = field(default_factory=dict)
    payout_of: dict[str, str] = field(default_factory=dict)
    not_out: dict[str, list[str]] = field(default_factory=dict)
    on_the_way: list[str] = field(default_factory=list)
    next_payouts: int | None = None
    refund_plan: deque[str] = field(default_factory=deque)
    short: set[str] = field(default_factory=set)
    gone: set[str] = field(default_factory=set)
    cause: Obj = field(default_factory=lambda: {"id": None, "idempotency_key": None})
    made: int = 0

    @property
    def platform(self) -> str:
        """The id of the platform's own account: the same for the same seed."""
        return f"acct_{hashlib.sha256(f'platform:{self.seed}'.encode()).hexdigest()[:16]}"

    @property
    def now(self) -> int:
        """The sandbox's present, in epoch seconds UTC."""
        return self.clock.now()

    def new_id(self, prefix: str, length: int = 24) -> str:
        """The next id: random to look at, the same in every run with the same seed."""
        self.made += 1
        number = int.from_bytes(hashlib.sha512(f"{self.seed}:{self.made}".encode()).digest())
        letters = []
        for _ in range(length):
            number, at = divmod(number, len(ALPHABET))
            letters.append(ALPHABET[at])
        return prefix + "".join(letters)

    def add(self, thing: Obj, owner: str = PLATFORM) -> Obj:
        """Keep a new object; `owner` is the connected account it lives on."""
        self.things[thing["id"]] = thing
        self.order.setdefault(thing["object"], []).append(thing["id"])
        if owner != PLATFORM:
            self.owners[thing["id"]] = owner
        return thing

    def all(self, kind: str, owner: str = PLATFORM) -> list[Obj]:
        """Every object of a kind on one account, oldest first."""
        return [
            self.things[ident]
            for ident in self.order.get(kind, ())
            if self.owners.get(ident, PLATFORM) == owner
        ]

    def find(
        self,
        kind: str,
        ident: str,
        param: str = "id",
        *,
        owner: str = PLATFORM,
        status: int = 404,
    ) -> Obj:
        """One object of a kind, or the refusal: 404 for a path, 400 for a parameter."""
        thing = self.things.get(ident)
        if (
            thing is None
            or thing["object"] != kind
            or self.owners.get(ident, PLATFORM) != owner
            or thing.get("deleted")
        ):
            raise missing(kind.replace(".", "_"), ident, param, status)
        return thing

    def account(self, ident: str) -> Obj:
        """A connected account that still gives access, else 403."""
        thing = self.things.get(ident)
        if thing is None or thing["object"] != "account" or ident in self.gone:
            raise no_access(ident)
        return thing

    def emit(
        self, kind: str, thing: Obj, previous: Obj | None = None, account: str = PLATFORM
    ) -> None:
        """Write down that something happened, with the object as it is now."""
        ident = self.new_id("evt_")
        data: Obj = {"object": thing}
        if previous is not None:
            data["previous_attributes"] = previous
        event: Obj = {
            "id": ident,
            "object": "event",
            "api_version": API_VERSION,
            "created": self.now,
            "data": data,
            "livemode": False,
            "pending_webhooks": 0,
            "request": dict(self.cause),
            "type": kind,
        }
        if account != PLATFORM:
            event["account"] = account
        self.events.append(Event(ident, kind, self.now, account, json.dumps(event)))
        self.forget_old_events()

    def forget_old_events(self) -> None:
        """Events are there for thirty days."""
        while self.events and self.events[0].created <= self.now - EVENT_LIFE:
            self.events.popleft()
