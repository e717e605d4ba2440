"""How a client wants to be told: channels, wording, and a new address to be confirmed (N1, N6)."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core import accounts, notices
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid
from helpspace.core.notices import Event
from helpspace.core.plain import plain
from helpspace.core.policy import Party
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Client, Therapist


@dataclass(frozen=True, slots=True)
class Preferences:
    """What a client has chosen, for their own screen."""

    name: str
    email: str
    email_confirmed: bool
    zone: str
    by_email: bool
    by_chat: bool
    discreet: bool


@dataclass(frozen=True, slots=True)
class Partner:
    """A therapist who may book for the client (B2)."""

    therapist_id: str
    name: str


def preferences(practice: Practice, actor: Actor) -> Preferences:
    """Return what the acting client has chosen."""
    actor.must_be("client")
    with practice.reading() as view:
        row = the_client(view, actor.id)
        shown = accounts.view_of_client(view, row)
        return Preferences(
            shown.name,
            shown.email,
            shown.email_confirmed,
            shown.zone,
            shown.by_email,
            shown.by_chat,
            bool(row.discreet),
        )


def set_channels(practice: Practice, actor: Actor, *, by_email: bool, by_chat: bool) -> None:
    """Store by which ways notices come; at least one, and e-mail only with an address (K3a)."""
    actor.must_be("client")
    if not (by_email or by_chat):
        raise Invalid("Notices need a way to reach you", "Choose chat, e-mail, or both.")
    with practice.change() as tx:
        row = the_client(tx, actor.id)
        if by_email and not by_chat and row.email_confirmed_at is None:
            raise Invalid(
                "Your e-mail address is not confirmed",
                "Confirm it first; until then keep the chat.",
            )
        if (bool(row.by_email), bool(row.by_chat)) == (by_email, by_chat):
            return
        tx.set(Client, "id = ?", actor.id, by_email=int(by_email), by_chat=int(by_chat))
        tx.audit(actor, "channels", "client", actor.id, email=by_email, chat=by_chat)


def set_discreet(practice: Practice, actor: Actor, *, discreet: bool) -> None:
    """Store whether chat messages leave out who the appointment is with (N6)."""
    actor.must_be("client")
    with practice.change() as tx:
        if bool(the_client(tx, actor.id).discreet) == discreet:
            return
        tx.set(Client, "id = ?", actor.id, discreet=int(discreet))
        tx.audit(actor, "discreet", "client", actor.id, on=discreet)


def change_email(practice: Practice, actor: Actor, email: str) -> str:
    """Store a new address and write to it with a link that confirms it (N1); return it.

    Until then nothing but times goes there, and the pages that were sent to the old one end (K1a).
    """
    actor.must_be("client")
    with practice.change() as tx:
        address = accounts.set_email(practice, actor, email)
        row = the_client(tx, actor.id)
        if row.email_confirmed_at is None:
            notices.write(
                tx,
                Event.CONFIRM_EMAIL,
                once=f"confirm_email:{tx.now}:{practice.ids.new()}",
                party=Party.CLIENT,
                person_id=actor.id,
                channels=["email"],
            )
        return address


def partners(practice: Practice, actor: Actor) -> list[Partner]:
    """Return the therapists who may book for the acting client, by the name's order (B2)."""
    actor.must_be("client")
    with practice.reading() as view:
        the_client(view, actor.id)
        rows = view.sql(
            "SELECT therapist_id FROM appointment WHERE client_id = ? AND cancelled_at IS NULL"
            " UNION SELECT therapist_id FROM bond WHERE client_id = ? AND invited_at IS NOT NULL"
            " EXCEPT SELECT therapist_id FROM bond WHERE client_id = ? AND ended_at IS NOT NULL",
            actor.id,
            actor.id,
            actor.id,
        )
        found = []
        for (therapist_id,) in rows:
            therapist = view.get(Therapist, str(therapist_id))
            if therapist is not None:
                name = plain(view.open(therapist.name_sealed, "therapist.name"))
                found.append(Partner(therapist.id, name))
    return sorted(found, key=lambda one: (one.name, one.therapist_id))
