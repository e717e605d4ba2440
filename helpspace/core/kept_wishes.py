"""What a client wished for: in the chat's draft while they look, kept only with a booking (K3a)."""

from __future__ import annotations

import json

from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.errors import StoreFault
from helpspace.core.practice import Practice, Tx, View
from helpspace.core.store.tables import Appointment, Client, Dialogue, Wish
from helpspace.core.wishes import Wishes, read

DRAFT = "wishes"
"""Where the draft of a dialogue has them, as `wishes.written` gives them."""

_LAST = """appointment_id IN (SELECT id FROM appointment WHERE client_id = ?)
    ORDER BY kept_at DESC, appointment_id LIMIT 1"""


def keep(tx: Tx, client: Client, appointment_id: str) -> None:
    """Keep the wishes of a client's chat with what they have booked, in the commit of the booking.

    Whoever wished for nothing, or booked after the chat had forgotten it, leaves nothing behind.
    """
    dialogue = None if client.chat_hash is None else tx.get(Dialogue, client.chat_hash)
    if dialogue is None:
        return
    try:
        wished = json.loads(tx.open(dialogue.draft_sealed, "dialogue.draft")).get(DRAFT)
    except (StoreFault, ValueError):
        return
    if wished:
        text = json.dumps(wished, separators=(",", ":"))
        tx.insert_once(
            Wish,
            appointment_id=appointment_id,
            wishes_sealed=tx.seal(text, "wish.wishes"),
            kept_at=tx.now,
        )


def latest(practice: Practice, actor: Actor) -> Wishes | None:
    """Return the wishes kept with the client's last booking that had any; nobody else's (A1)."""
    actor.must_be("client")
    with practice.reading() as view:
        client = the_client(view, actor.id)
        row = view.find(Wish, _LAST, client.id)
        return None if row is None else _opened(view, row, client.zone)


def forget(tx: Tx, client_id: str) -> None:
    """Forget all wishes kept with a client's bookings, as for their erasure (K4)."""
    theirs = Appointment.select(Appointment.id).where(Appointment.client_id == client_id)
    tx.run(Wish.delete().where(Wish.appointment_id.in_(theirs)))


def _opened(view: View, row: Wish, zone: str) -> Wishes:
    return read(json.loads(view.open(row.wishes_sealed, "wish.wishes")), zone)
