"""Sample people and practices: the short words in which the tests set their scene.

Everything goes through the core's own acts. People are returned as actors, so that a test reads
`booking.cancel(practice, client, …)`.
"""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from helpspace.core import accounts, booking, boundaries, calendar, cards, holds
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.boundaries import Boundaries
from helpspace.core.cards import CardFound, PageOrder
from helpspace.core.clock import Clock
from helpspace.core.ids import Ids
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice, View
from helpspace.core.store import open_store, statements
from helpspace.core.store.tables import TABLES, Appointment, Client, Notice, Payment, Therapist
from helpspace.core.vault import Vault
from helpspace.settings import Settings, settings_from

NOW = 1_772_442_000
"""Monday 2 March 2026, 09:00 in London and in UTC: where every test's clock starts."""

SOON = NOW + 4 * DAY
"""Friday 6 March 2026, 09:00: a start that leaves two days to decide."""

ON_SQLITE = pytest.mark.parametrize("backend", ["sqlite"], indirect=True)
ON_POSTGRESQL = pytest.mark.parametrize("backend", ["postgresql"], indirect=True)
"""For what only one of the databases has; everything else runs on both."""

KEY = bytes(range(32))
TEAM = Actor.team("ops")
VISA = CardFound("pm_visa", "visa", "4242", 12, 2030)


class Seeded:
    """A repeatable source of random bytes."""

    def __init__(self, seed: int = 0) -> None:
        self._random = random.Random(seed)

    def bytes(self, count: int) -> bytes:
        return self._random.randbytes(count)


def settings_for(url: str, **changes: str) -> Settings:
    """Return settings as a practice needs them; names without their HELPSPACE_."""
    values = {"DATABASE": url, "VIDEO": "https://video.example.org", **changes}
    values = {f"HELPSPACE_{name}": value for name, value in values.items()}
    return settings_from(values, Path("/nowhere/helpspace.env"))


def practice_at(url: str, clock: Clock, *, seed: int = 0, **settings: str) -> Practice:
    """Return a practice on a store that is there already, with ids that repeat by their seed."""
    ids = Ids(Seeded(seed))
    return Practice(open_store(url), settings_for(url, **settings), Vault(KEY, ids), clock, ids)


def beside(practice: Practice, *, seed: int = 1) -> Practice:
    """Return a second practice on the same store and clock, as another process would have."""
    return practice_at(practice.settings.database, practice.clock, seed=seed)


def add_therapist(practice: Practice, name: str = "Zoë O'Brien", **changes: Any) -> Actor:
    """Enter a therapist who is ready to publish, unless `account` or `proofs_until` say not."""
    number = len(all_rows(practice, Therapist)) + 1
    gates = {
        "account": changes.pop("account", f"acct_{number}"),
        "proofs_until": changes.pop("proofs_until", NOW + 365 * DAY),
    }
    new = accounts.NewTherapist(
        name, f"therapist{number}@example.org", f"handle{number}", f"contact{number}", **changes
    )
    with practice.change() as tx:
        return Actor.therapist(accounts.add_therapist(tx, TEAM, new, **gates))


def add_client(
    practice: Practice,
    name: str | None = "Sam",
    email: str | None = "",
    chat: int | None = None,
    *,
    card: bool = True,
) -> Actor:
    """Register a client with name, address and, if wanted, a card; None leaves one out."""
    number = len(all_rows(practice, Client)) + 1
    chat = 7000 + number if chat is None else chat
    client = Actor.client(accounts.register(practice, chat))
    if name is not None:
        accounts.set_name(practice, client, name)
    if email is not None:
        accounts.set_email(practice, client, email or f"client{number}@example.org")
    if card:
        give_card(practice, client)
    return client


def give_card(practice: Practice, client: Actor, card: CardFound | None = None) -> None:
    """Put a card on record for a client outside any booking, and take away the notice of it."""
    request = cards.ask_for_card(practice, client)
    open_page(practice, client, request)
    holds.card_completed(practice, request, card or card_of(client))
    with practice.change() as tx:
        tx.run(Notice.delete().where(Notice.once.startswith(f"card_saved:{request}:")))


def card_of(client: Actor, number: int = 1) -> CardFound:
    """Return a card that is this client's own."""
    return CardFound(f"pm_{client.id}_{number}", "visa", "4242", 12, 2030)


def open_page(practice: Practice, client: Actor, request: str) -> None:
    """Make the page of a card request, as Stripe's gateway would."""
    order = cards.order(practice, client, request)
    if isinstance(order, PageOrder):
        cards.customer_made(practice, client.id, f"cus_{client.id}")
        cards.page_made(practice, request, f"cs_{request}", f"https://pay.example.org/{request}")


def set_limits(practice: Practice, therapist: Actor, limits: Boundaries) -> None:
    """Keep a therapist's own limits."""
    with practice.change() as tx:
        boundaries.keep_in(tx, therapist, limits)


def open_slot(practice: Practice, therapist: Actor, start: int = SOON, **options: Any) -> str:
    """Open one slot and return its id; a notice that the profile is published is taken away."""
    opened = calendar.open_slots(practice, therapist, therapist.id, start, **options)
    if opened.published:
        with practice.change() as tx:
            tx.run(Notice.delete().where(Notice.once.startswith(f"published:{therapist.id}:")))
    return opened.slots[0].id


def book(practice: Practice, client: Actor, slot: str) -> AppointmentView | booking.Held:
    """Press the button that books, on the terms it shows at this moment."""
    offer = booking.offer(practice, client, slot)
    return booking.book(practice, client, slot, offer.shown, accept_terms=True)


def book_initial(practice: Practice, client: Actor, slot: str) -> AppointmentView:
    """Book a slot as a client whose card is on record."""
    booked = book(practice, client, slot)
    assert isinstance(booked, AppointmentView)
    return booked


def hold(practice: Practice, client: Actor, slot: str) -> booking.Held:
    """Hold a slot as a client without a card."""
    held = book(practice, client, slot)
    assert isinstance(held, booking.Held)
    return held


def session(
    practice: Practice, therapist: Actor, client: Actor, start: int = SOON
) -> AppointmentView:
    """Open a slot and book it at once."""
    return book_initial(practice, client, open_slot(practice, therapist, start))


def follow_up(
    practice: Practice, therapist: Actor, client: Actor, start: int = SOON, **options: Any
) -> AppointmentView:
    """Book a follow-up for a client who has a session with the therapist."""
    return booking.book_follow_up(practice, therapist, therapist.id, client.id, start, **options)


def acquaint(practice: Practice, therapist: Actor, client: Actor) -> None:
    """Record that a client accepted the therapist's invitation, so that follow-ups are theirs."""
    from helpspace.core.store.tables import Bond

    with practice.change() as tx:
        tx.insert(Bond, therapist_id=therapist.id, client_id=client.id, invited_at=tx.now)


def set_row(practice: Practice, model: Any, key: str, **values: Any) -> None:
    """Set columns that no act of the core sets yet, such as a suspension."""
    with practice.change() as tx:
        tx.run(model.update(**values).where(model._meta.primary_key == key))


def row(practice: Practice, model: Any, key: str) -> dict[str, Any]:
    """Return one row as it stands in the store."""
    with practice.reading() as view:
        return dict(view.get(model, key).__data__)


def all_rows(practice: Practice, model: Any) -> list[dict[str, Any]]:
    """Return the rows of a table in the order of its key."""
    with practice.reading() as view:
        return _rows(view, model)


def snapshot(practice: Practice) -> dict[str, list[dict[str, Any]]]:
    """Return everything the store holds, to show that something changed nothing."""
    with practice.reading() as view:
        return {model._meta.table_name: _rows(view, model) for model in TABLES}


def _rows(view: View, model: Any) -> list[dict[str, Any]]:
    key = model._meta.primary_key
    order = ", ".join(getattr(key, "field_names", None) or [key.name])
    rows = view.sql(statements.select(model, f"1 = 1 ORDER BY {order}"))
    return [dict(zip(statements.columns(model), found, strict=True)) for found in rows]


def payment_of(practice: Practice, appointment_id: str) -> dict[str, Any]:
    """Return an appointment's payment row."""
    return row(practice, Payment, appointment_id)


def appointment_of(practice: Practice, appointment_id: str) -> dict[str, Any]:
    """Return an appointment's row."""
    return row(practice, Appointment, appointment_id)
