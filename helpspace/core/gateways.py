"""What the core expects of the outside world: protocols that `jobs/` implements with real SDKs.

Calls take seconds and may fail: never inside a transaction, never on an event loop.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from helpspace.core.cards import CardFound, PageOrder
from helpspace.core.payments.steps import Answer, Step


@dataclass(frozen=True, slots=True)
class PageSeen:
    """A card page as Stripe has it: `open`, `complete` (then with its card) or `expired`."""

    status: str
    card: CardFound | None = None


@dataclass(frozen=True, slots=True)
class EventSeen:
    """A Stripe event reduced to a hint: what it is about, not what it says (M5a)."""

    id: str
    type: str
    object_id: str
    account: str | None = None
    payment_intent: str | None = None


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """A therapist's connected account as Stripe has it (J5)."""

    account: str
    charges_enabled: bool
    payouts_enabled: bool
    requirements: tuple[str, ...]


class StripeGateway(Protocol):
    """Stripe. Raises OutsideFault where a person waits and nothing usable came back."""

    def make_customer(self, order: PageOrder) -> str:
        """Create a client's customer and return its id; safe to repeat."""

    def make_page(self, order: PageOrder, customer: str) -> tuple[str, str]:
        """Create the card page of a request; return session id and address; safe to repeat."""

    def look_at_page(self, session: str) -> PageSeen:
        """Read a card page back."""

    def carry_out(self, step: Step) -> Answer:
        """Take one step of a settlement; every outcome is an answer, never an exception."""

    def events_after(self, cursor: str | None) -> list[EventSeen]:
        """Return events newer than a cursor, oldest first; with None only the newest one."""

    def look_at_account(self, account: str) -> AccountSeen:
        """Read a connected account back."""
