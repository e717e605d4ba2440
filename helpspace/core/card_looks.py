"""Cards read back at Stripe, and clients told in good time of one that will have expired (N4).

A bank renews cards through its network, or Stripe loses one: both are heard of as hints, and both
are seen anyway before a client is told that their card expires.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from helpspace.core import moments, notices
from helpspace.core.accounts import card_state
from helpspace.core.actors import Actor
from helpspace.core.appointments import terms_of
from helpspace.core.cards import UNPAID, CardFound
from helpspace.core.moments import DAY, HOUR, LONDON
from helpspace.core.notices import Event
from helpspace.core.policy import Party, charge_from
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Appointment, Client, Notice, Payment

AHEAD = 7 * DAY
"""How long before a charge its client is told that the card will have expired by then."""

FRESH = DAY
"""How old the last look at a card may be when its client is told."""


@dataclass(frozen=True, slots=True)
class DueCard:
    """A card on record that is to be read back."""

    client_id: str
    method: str
    customer: str


def hint(tx: Tx, method: str) -> None:
    """Let a card be read back now, in a commit of its caller's: something was heard of it."""
    tx.set(Client, "card = ?", method, card_next_at=tx.now)


def ask(tx: Tx, client_id: str) -> None:
    """Let a client's card be read back now, unless somebody is changing their row: settlement holds
    other rows already, and must not wait for this one."""
    query = Client.select(Client.id).where(Client.id == client_id)
    if tx.postgresql:
        query = query.for_update(skip_locked=True)
    if tx.first(query) is not None:
        tx.set(Client, "id = ?", client_id, card_next_at=tx.now)


def due(practice: Practice, limit: int = 100) -> list[DueCard]:
    """Return the cards whose turn it is, moving it on."""
    with practice.reading() as view:
        if view.find(Client, "card_next_at <= ?", view.now) is None:
            return []
    with practice.change() as tx:
        rows = tx.find_all(Client, "card_next_at <= ? ORDER BY card_next_at LIMIT ?", tx.now, limit)
        for row in rows:
            again = None if row.card is None else tx.now + HOUR
            tx.set(Client, "id = ?", row.id, card_next_at=again)
        return [
            DueCard(row.id, row.card, row.customer)
            for row in rows
            if row.card is not None and row.customer is not None
        ]


def seen(practice: Practice, one: DueCard, found: CardFound | None) -> bool:
    """Record a card as Stripe has it, None where it is gone; True when that was news.

    What failed because it had expired is tried again; another card that came meanwhile stays.
    """
    with practice.change() as tx:
        row = tx.find(Client, "id = ? AND card = ?", one.client_id, one.method)
        if row is None:
            return False
        looked: dict[str, object] = {"card_seen_at": tx.now, "card_next_at": None}
        if found is None:
            gone = dict.fromkeys(("card", "card_brand", "card_last4", "card_month", "card_year"))
            tx.set(Client, "id = ?", row.id, **looked, **gone)
            tx.audit(Actor.job("cards"), "lose", "card", row.id)
            return True
        fresh = {
            "card_brand": found.brand,
            "card_last4": found.last4,
            "card_month": found.month,
            "card_year": found.year,
        }
        changed = any(getattr(row, name) != value for name, value in fresh.items())
        tx.set(Client, "id = ?", row.id, **looked, **fresh)
        if changed:
            tx.audit(Actor.job("cards"), "renew", "card", row.id)
            theirs = Appointment.select(Appointment.id).where(Appointment.client_id == row.id)
            tx.run(
                Payment.update(next_at=tx.now).where(
                    Payment.status.in_(UNPAID), Payment.appointment_id.in_(theirs)
                )
            )
        return changed


_SOON = """SELECT a.id FROM appointment a JOIN payment p ON p.appointment_id = a.id
    JOIN client c ON c.id = a.client_id
    WHERE a.state = 'booked' AND a.fee > 0 AND p.status = 'scheduled' AND a.free_until <= ?
    AND c.card IS NOT NULL AND c.card_year * 12 + c.card_month < ? ORDER BY a.start_at, a.id"""


def warn(practice: Practice) -> int:
    """Tell clients, once for each card and session, that the card will have expired when its fee
    is taken; return how many sessions were told of."""
    with practice.reading() as view:
        if not list(_expiring(view)):
            return 0
    told = 0
    with practice.change() as tx:
        for row, client in list(_expiring(tx)):
            if max(client.card_seen_at or 0, client.card_at or 0) < tx.now - FRESH:
                tx.set(Client, "id = ? AND card_next_at IS NULL", client.id, card_next_at=tx.now)
                continue
            told += 1
            notices.write(
                tx,
                Event.CARD_EXPIRING,
                once=_once(row, client),
                party=Party.CLIENT,
                person_id=client.id,
                appointment_id=row.id,
                expires_at=row.start_at,
            )
    return told


def expires_before(row: Appointment, client: Client, now: int) -> bool:
    """Say whether a card will have expired when a session's fee is taken."""
    return card_state(client, max(now, charge_from(terms_of(row)))) == "expired"


def _once(row: Appointment, client: Client) -> str:
    return f"{Event.CARD_EXPIRING}:{client.card}:{row.id}"


def _expiring(view: View) -> Iterator[tuple[Appointment, Client]]:
    """Give the sessions to be told of, each with its client."""
    until = view.now + AHEAD
    day = moments.at_zone(until, LONDON)
    for (appointment_id,) in view.sql(_SOON, until, day.year * 12 + day.month):
        row = view.get(Appointment, appointment_id)
        client = None if row is None else view.get(Client, row.client_id)
        if row is None or client is None or not expires_before(row, client, view.now):
            continue
        mine = f"{_once(row, client)}:{Party.CLIENT}:{client.id}"
        if view.find(Notice, "once IN (?, ?)", f"{mine}:email", f"{mine}:telegram") is None:
            yield row, client
