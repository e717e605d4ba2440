"""What the core expects of the outside world: protocols that `jobs/` implements with real SDKs.

Calls take seconds and may fail: never inside a transaction, never on an event loop.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Protocol

from helpspace.core.cards import CardFound, PageOrder
from helpspace.core.lease import Grip
from helpspace.core.payments.debts import TakenBack, TakingBack
from helpspace.core.payments.disputing import DisputeSeen
from helpspace.core.payments.steps import Answer, RefundSeen, Step

if TYPE_CHECKING:
    from email.message import EmailMessage


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
    customer: str | None = None


@dataclass(frozen=True, slots=True)
class AccountOrder:
    """What is needed to make a therapist's account, the same at every repetition (J5).

    `since` is an instant before which it cannot have been made, for finding it again.
    """

    therapist_id: str
    email: str
    key: str
    since: int
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class AccountSeen:
    """A therapist's connected account as Stripe has it (J5).

    `requirements` are Stripe's codes: why it is held up, then what is asked. `submitted` says that
    the details were handed in, `due_at` until when something is asked, `gone` that this platform
    has no access any more.
    """

    account: str
    charges_enabled: bool
    payouts_enabled: bool
    requirements: tuple[str, ...]
    submitted: bool = False
    due_at: int | None = None
    gone: bool = False

    @property
    def ready(self) -> bool:
        """Whether the therapist can be paid: charges and payouts (J5)."""
        return self.charges_enabled and self.payouts_enabled


@dataclass(frozen=True, slots=True)
class PaymentSeen:
    """A PaymentIntent of this store with its refunds, as a comparison of the books needs it (M8).

    `appointment_id` and `intent_id` are what was written on it when it was made; amounts in pence.
    """

    stripe_id: str
    appointment_id: str
    intent_id: str
    status: str
    amount: int
    received: int
    commission: int
    customer: str | None
    account: str | None
    refunds: tuple[RefundSeen, ...] = ()
    created_at: int = 0
    card: str | None = None
    """The card that it was last tried with."""


@dataclass(frozen=True, slots=True)
class CustomerSeen:
    """A client's customer at Stripe with the cards on its record, the newest first."""

    stripe_id: str
    client_id: str
    cards: tuple[CardFound, ...] = ()


@dataclass(frozen=True, slots=True)
class EntrySeen:
    """One movement in a payout; amounts in pence, `amount` before `fee`.

    `payment_intent`, `refund`, `store` and `appointment_id` say where it came from, as far as
    Stripe tells; `kind` is Stripe's word for it.
    """

    kind: str
    amount: int
    fee: int
    payment_intent: str | None = None
    refund: str | None = None
    store: str | None = None
    appointment_id: str | None = None


@dataclass(frozen=True, slots=True)
class PayoutSeen:
    """A payout of a connected account to its bank; nothing of the bank is read.

    `entries` is None where Stripe does not say what is in it. Amounts are in the smallest unit of
    `currency`, instants in UTC epoch seconds.
    """

    stripe_id: str
    amount: int
    currency: str
    status: str
    created_at: int
    arrives_at: int
    failure: str | None
    entries: tuple[EntrySeen, ...] | None


@dataclass(frozen=True, slots=True)
class StripeState:
    """Whether Stripe answers: `trouble` is a code, `live` whether the key moves real money."""

    trouble: str | None
    live: bool | None = None


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
        """Return events newer than a cursor, oldest first.

        With None only the newest one, to begin with; with an empty text all there are.
        """

    def make_account(self, order: AccountOrder) -> str:
        """Create a therapist's connected account and return its id; safe to repeat."""

    def find_account(self, order: AccountOrder) -> str | None:
        """Find the account that was made for an order whose answer was lost."""

    def look_at_account(self, account: str) -> AccountSeen:
        """Read a connected account back; one that is gone can do nothing."""

    def onboarding_link(self, account: str) -> str:
        """Make a link into Stripe's onboarding: for one visit within minutes, never stored."""

    def dashboard_link(self, account: str) -> str:
        """Make a link into a therapist's own dashboard at Stripe; never stored."""

    def payments(self, store: str) -> list[PaymentSeen]:
        """Return every PaymentIntent that carries a store's name, with its refunds."""

    def customers(self, store: str, known: Collection[str]) -> list[CustomerSeen]:
        """Return every customer with a store's name on it; the cards of those of known clients."""

    def forget_customer(self, customer: str) -> None:
        """Take every card off a customer's record and delete it; safe to repeat."""

    def take_back(self, order: TakingBack) -> TakenBack:
        """Take back what is left of a refunded intent's transfer, which is looked at first; every
        outcome is an answer."""

    def dispute(self, dispute_id: str) -> DisputeSeen | None:
        """Read a dispute back; None for one that is not there."""

    def disputes(self, since: int) -> list[DisputeSeen]:
        """Return every dispute that was opened since an instant."""

    def look_at_card(self, method: str, customer: str) -> CardFound | None:
        """Read a card on record back; None for one that is its customer's no longer."""

    def let_go_of_card(self, method: str, customer: str) -> None:
        """Take a card off its customer's record; safe to repeat, also where it is gone already."""

    def payouts(self, account: str, since: int) -> list[PayoutSeen]:
        """Return the payouts made for a connected account since an instant, newest first."""

    def platform(self) -> str:
        """Return the id of the Stripe account that the key belongs to."""

    def check(self) -> StripeState:
        """Ask Stripe for nothing in particular, to see whether and with what clock it answers."""

    def settles(self, still: Callable[[], bool]) -> None:
        """Tell how to ask whether this process settles, and so has most of the rate of calls."""

    def clock_ahead(self) -> int | None:
        """Return how many seconds Stripe's clock was ahead of the machine's at its last answer."""


@dataclass(frozen=True, slots=True)
class Taken:
    """A message has gone out, or its answer was lost after it was given (N7)."""


@dataclass(frozen=True, slots=True)
class Refused:
    """A message will never be taken; `blocked` is a person who does not want the bot's messages."""

    code: str
    blocked: bool = False


@dataclass(frozen=True, slots=True)
class NotNow:
    """A message was not taken yet; `wait` is what the other side asked for, in seconds.

    `down` says that the whole channel is away, so that the next message need not be tried.
    """

    code: str
    wait: int | None = None
    down: bool = False


Outcome = Taken | Refused | NotNow


@dataclass(frozen=True, slots=True)
class Button:
    """A button under a chat message: its label, and what its tap sends (at most 64 bytes)."""

    label: str
    data: str


class Mailer(Protocol):
    """The mail server."""

    def send(self, message: EmailMessage) -> Outcome:
        """Hand over one message."""

    def rest(self) -> None:
        """Close this thread's connection."""


class ChatSender(Protocol):
    """The chat."""

    def send(
        self,
        chat_id: int,
        text: str,
        buttons: Sequence[Sequence[Button]],
        *,
        silent: bool = False,
    ) -> Outcome:
        """Send one new message, keeping the chat's limits (N7); a silent one makes no sound."""


def _nothing() -> None:
    """Nothing is held open."""


@dataclass(frozen=True)
class Outside:
    """The gateways of a process; None where a setting is missing.

    `grip` is the process's hold on the role of settling. `stopping` is set when the process is to
    end: a sweep then finishes what it has begun. `close` lets go of what the gateways hold open.
    """

    stripe: StripeGateway | None = None
    mail: Mailer | None = None
    chat: ChatSender | None = None
    stopping: threading.Event = field(default_factory=threading.Event)
    grip: Grip = field(default_factory=Grip)
    close: Callable[[], None] = _nothing
