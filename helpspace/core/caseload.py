"""A therapist's own clients: whom they may book a follow-up for (B2)."""

from __future__ import annotations

from dataclasses import dataclass

from peewee import fn

from helpspace.core.accounts import Card, card_state
from helpspace.core.actors import Actor
from helpspace.core.calendar import own_therapist
from helpspace.core.plain import plain
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Bond, Client


@dataclass(frozen=True, slots=True)
class OwnClient:
    """A client as their therapist sees them in a list; instants in UTC epoch seconds."""

    id: str
    name: str
    zone: str
    card: Card
    latest: int | None
    """Start of their latest session that is not cancelled, past or to come."""


def clients_of(practice: Practice, actor: Actor, therapist_id: str) -> list[OwnClient]:
    """Return whom a therapist may book a follow-up for, the latest session first (B2).

    Those with a session that is not cancelled or with an accepted invitation, unless they ended
    the work together.
    """
    sessions = (
        Appointment.select(Appointment.client_id, fn.MAX(Appointment.start_at).alias("latest"))
        .where(Appointment.therapist_id == therapist_id, Appointment.cancelled_at.is_null())
        .group_by(Appointment.client_id)
    )
    bonds = Bond.select().where(Bond.therapist_id == therapist_id)
    with practice.reading() as view:
        own_therapist(view, actor, therapist_id)
        latest: dict[str, int | None] = {}
        ended: set[str] = set()
        for bond in view.rows(bonds):
            if bond.ended_at is not None:
                ended.add(bond.client_id)
            elif bond.invited_at is not None:
                latest[bond.client_id] = None
        latest.update({row.client_id: row.latest for row in view.rows(sessions)})
        wanted = [client_id for client_id in latest if client_id not in ended]
        found = []
        for at in range(0, len(wanted), 500):
            page = Client.select().where(
                Client.id.in_(wanted[at : at + 500]), Client.erased_at.is_null()
            )
            found += [
                OwnClient(
                    id=row.id,
                    name=plain(view.open(row.name_sealed, "client.name")) or "—",
                    zone=row.zone,
                    card=card_state(row, view.now),
                    latest=latest[row.id],
                )
                for row in view.rows(page)
            ]
    return sorted(found, key=lambda one: (-(one.latest or 0), one.name, one.id))
