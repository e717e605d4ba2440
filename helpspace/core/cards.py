"""Cards on record: asking for one, the page at Stripe, and what came of it (B3).

The page itself is made by a gateway while a person waits; this module writes down what is asked
before it is asked, and takes up the answer however often it comes.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from helpspace.core import notices, policy
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import MINUTE
from helpspace.core.notices import Event
from helpspace.core.payments.store_name import store_name
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store import standing
from helpspace.core.store.tables import Appointment, CardRequest, Client, Payment

if TYPE_CHECKING:
    from helpspace.core.gateways import StripeGateway

LOOK_EVERY = MINUTE
"""How often an open card page is looked at without any hint that it is done, in seconds."""

UNPAID = ("failed", "needs_approval")


@dataclass(frozen=True, slots=True)
class PageOrder:
    """What a gateway needs to make the card page of a request, the same at every repetition."""

    request_id: str
    client_id: str
    customer: str | None
    customer_key: str
    page_key: str
    expires_at: int
    metadata: dict[str, str]


@dataclass(frozen=True, slots=True)
class Page:
    """A card page that a person can open."""

    request_id: str
    url: str
    expires_at: int


@dataclass(frozen=True, slots=True)
class CardFound:
    """The card that a completed page has put on record at Stripe."""

    method: str
    brand: str
    last4: str
    month: int
    year: int


@dataclass(frozen=True, slots=True)
class OpenPage:
    """A card page that is still to be looked at."""

    request_id: str
    session: str


def ask(tx: Tx, client_id: str, *, claim_id: str | None = None) -> str:
    """Write down that a client is to put a card on record and return the request's id."""
    request_id = tx.practice.ids.new()
    tx.insert(
        CardRequest,
        id=request_id,
        client_id=client_id,
        claim_id=claim_id,
        expires_at=tx.now + policy.CARD_PAGE,
        state="asked",
        created_at=tx.now,
    )
    return request_id


def open_request(view: View, client_id: str, claim_id: str | None) -> CardRequest | None:
    """Return a client's newest request for a slot (or for none) whose page is still open."""
    found: CardRequest | None = view.first(
        CardRequest.select()
        .where(
            CardRequest.client_id == client_id,
            CardRequest.claim_id.is_null()
            if claim_id is None
            else CardRequest.claim_id == claim_id,
            CardRequest.state.in_(("asked", "open")),
            CardRequest.expires_at > view.now,
        )
        .order_by(CardRequest.created_at.desc())
    )
    return found


def ask_for_card(practice: Practice, actor: Actor) -> str:
    """Ask for a card outside any booking; a page that is still open is used again."""
    actor.must_be("client")
    with practice.change() as tx:
        the_client(tx, actor.id)
        there = open_request(tx, actor.id, None)
        if there is not None:
            return there.id
        request_id = ask(tx, actor.id)
        tx.audit(actor, "ask", "card", request_id)
        return request_id


def order(practice: Practice, actor: Actor, request_id: str) -> Page | PageOrder:
    """Return a request's page, or what is needed to make it; own requests only (A1)."""
    with practice.reading() as view:
        row = view.get(CardRequest, request_id)
        if row is None or row.client_id != actor.id or actor.role != "client":
            raise NotFound
        if row.state not in ("asked", "open") or row.expires_at <= view.now:
            raise NotFound("That card page has closed", "Ask for a new one; nothing was charged.")
        if row.url_sealed is not None:
            url = view.open(row.url_sealed, "card_request.url")
            return Page(row.id, url, row.expires_at)
        client = the_client(view, row.client_id)
        name = store_name(view)
        return PageOrder(
            request_id=row.id,
            client_id=client.id,
            customer=client.customer,
            customer_key=f"{name}:customer:{client.id}",
            page_key=f"{name}:card:{row.id}",
            expires_at=row.expires_at,
            metadata={"store": name, "client": client.id, "request": row.id},
        )


def page(practice: Practice, stripe: StripeGateway, actor: Actor, request_id: str) -> Page:
    """Return a request's card page, making it at Stripe while the person waits.

    Asking twice gives the same page. Raises OutsideFault when Stripe does not answer.
    """
    found = order(practice, actor, request_id)
    if isinstance(found, Page):
        return found
    if standing.rests(practice.store):
        # A customer made now could be a second one, beside the one that is not adopted yet (D5).
        raise standing.NotAdopted
    customer = found.customer
    if customer is None:
        customer = customer_made(practice, found.client_id, stripe.make_customer(found))
    session, url = stripe.make_page(found, customer)
    return page_made(practice, request_id, session, url)


def customer_made(practice: Practice, client_id: str, customer: str) -> str:
    """Record a client's customer at Stripe; the first one stays."""
    with practice.change() as tx:
        tx.run(
            Client.update(customer=customer).where(
                Client.id == client_id, Client.customer.is_null()
            )
        )
        return str(the_client(tx, client_id).customer)


def page_made(practice: Practice, request_id: str, session: str, url: str) -> Page:
    """Record the page that Stripe has made for a request."""
    with practice.change() as tx:
        tx.run(
            CardRequest.update(
                session=session,
                url_sealed=tx.seal(url, "card_request.url"),
                state="open",
                next_at=tx.now + LOOK_EVERY,
            ).where(CardRequest.id == request_id, CardRequest.state == "asked")
        )
        row = tx.get(CardRequest, request_id)
        if row is None:
            raise NotFound
        return Page(row.id, url, row.expires_at)


def look_now(
    practice: Practice, *, session: str | None = None, client_id: str | None = None
) -> int:
    """Let the next sweep look at a session's or a client's open pages at once (a hint came)."""
    with practice.change() as tx:
        which = CardRequest.session == session if session else CardRequest.client_id == client_id
        return tx.run(CardRequest.update(next_at=tx.now).where(which, CardRequest.state == "open"))


def hint(tx: Tx, session: str) -> int:
    """Put a session's page first in the queue, in a commit of its caller's (a hint came)."""
    return tx.run(
        CardRequest.update(next_at=tx.now).where(
            CardRequest.session == session, CardRequest.state == "open"
        )
    )


def pages_hint(tx: Tx, customer: str | None) -> None:
    """Put the open pages of a customer first in the queue, in a commit of its caller's."""
    theirs = Client.select(Client.id).where(Client.customer == customer)
    tx.run(
        CardRequest.update(next_at=tx.now).where(
            CardRequest.client_id.in_(theirs), CardRequest.state == "open"
        )
    )


def due(practice: Practice, limit: int = 100) -> list[OpenPage]:
    """Return open pages whose turn it is, moving their next turn on."""
    with practice.change() as tx:
        rows = tx.rows(
            CardRequest.select()
            .where(CardRequest.next_at.is_null(False), CardRequest.next_at <= tx.now)
            .order_by(CardRequest.next_at)
            .limit(limit)
        )
        for row in rows:
            tx.run(CardRequest.update(next_at=tx.now + LOOK_EVERY).where(CardRequest.id == row.id))
        return [OpenPage(row.id, row.session) for row in rows if row.session is not None]


def page_closed(practice: Practice, request_id: str) -> None:
    """Record that a page closed without a card; an expired hold frees itself (B3)."""
    with practice.change() as tx:
        tx.run(
            CardRequest.update(state="expired", next_at=None).where(
                CardRequest.id == request_id, CardRequest.state == "open"
            )
        )


def put_on_record(tx: Tx, request: CardRequest, card: CardFound) -> bool:
    """Store a completed page's card as the client's; False when it was stored before.

    Whatever is unpaid for lack of a card is tried once at the next sweep (M6).
    """
    if not tx.run(
        CardRequest.update(state="complete", next_at=None).where(
            CardRequest.id == request.id, CardRequest.state.in_(("asked", "open", "expired"))
        )
    ):
        return False
    tx.run(
        Client.update(
            card=card.method,
            card_brand=card.brand,
            card_last4=card.last4,
            card_month=card.month,
            card_year=card.year,
            card_at=tx.now,
        ).where(Client.id == request.client_id)
    )
    theirs = Appointment.select(Appointment.id).where(Appointment.client_id == request.client_id)
    tx.run(
        Payment.update(next_at=tx.now).where(
            Payment.status.in_(UNPAID), Payment.appointment_id.in_(theirs)
        )
    )
    tx.audit(Actor.job("cards"), "save", "card", request.id, client=request.client_id)
    return True


def tell_saved(tx: Tx, request: CardRequest, *, slot_id: str | None) -> None:
    """Tell the client in the chat that the card is on record, with the slot it was meant for."""
    client = the_client(tx, request.client_id)
    channels = [c for c in notices.channels_of_client(client) if c == "telegram"]
    notices.write(
        tx,
        Event.CARD_SAVED,
        once=f"card_saved:{request.id}",
        party=Party.CLIENT,
        person_id=request.client_id,
        channels=channels,
        facts={"slot": slot_id},
    )
