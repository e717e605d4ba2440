"""Who works with whom: what lets a therapist book for a client (B2)."""

from __future__ import annotations

from helpspace.core import policy
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound, NotYourClient
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Appointment, Bond, Client


def bond_of(view: View, therapist_id: str, client_id: str) -> Bond | None:
    """Return what is known of two people besides their sessions: invited, or ended."""
    return view.find(Bond, "therapist_id = ? AND client_id = ?", therapist_id, client_id)


def client_of(view: View, therapist_id: str, client_id: str) -> Client:
    """Return a client for whom the therapist may book, else refuse (B2)."""
    client = view.get(Client, client_id)
    bond = bond_of(view, therapist_id, client_id)
    known = view.first(
        Appointment.select(Appointment.id).where(
            Appointment.therapist_id == therapist_id,
            Appointment.client_id == client_id,
            Appointment.cancelled_at.is_null(),
        )
    )
    invited = bond is not None and bond.invited_at is not None
    ended = bond is not None and bond.ended_at is not None
    found = policy.standing(booked=known is not None, invited=invited, ended=ended)
    if client is None or client.erased_at is not None or not policy.may_book_for(found):
        raise NotYourClient
    return client


def end_relationship(practice: Practice, actor: Actor, therapist_id: str) -> None:
    """End the work with a therapist as its client: nothing new can be booked for them (B2)."""
    actor.must_be("client")
    with practice.change() as tx:
        known = tx.first(
            Appointment.select(Appointment.id).where(
                Appointment.therapist_id == therapist_id, Appointment.client_id == actor.id
            )
        )
        bond = bond_of(tx, therapist_id, actor.id)
        if known is None and bond is None:
            raise NotFound
        tx.insert_once(Bond, therapist_id=therapist_id, client_id=actor.id)
        tx.run(
            Bond.update(ended_at=tx.now).where(
                Bond.therapist_id == therapist_id, Bond.client_id == actor.id
            )
        )
        tx.audit(actor, "end", "bond", therapist_id, client=actor.id)
