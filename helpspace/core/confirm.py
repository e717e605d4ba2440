"""Confirming a client's e-mail address: a single-use link for that one account (N1)."""

from __future__ import annotations

from helpspace.core import notices
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY
from helpspace.core.notices import Event
from helpspace.core.policy import Party, State
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Appointment, Client, Link, Notice

PURPOSE = "confirm_email"

LIFE = 30 * DAY
"""How long a confirm link works."""

PREFIX = "c_"
"""How a confirm link's `/start` parameter begins."""


def make_token(practice: Practice, client_id: str) -> str:
    """Make a token that confirms the client's present address; only its hash is stored."""
    token = practice.ids.token()
    with practice.change() as tx:
        tx.insert(
            Link,
            token_hash=tx.digest(token, "link.token"),
            purpose=PURPOSE,
            person_id=client_id,
            expires_at=tx.now + LIFE,
            created_at=tx.now,
        )
    return token


def confirm_email(practice: Practice, actor: Actor, token: str) -> bool:
    """Confirm the acting client's address and write the full notices of what is booked (N1).

    False when it was confirmed before by another link. A used, old or invented token, and one of
    somebody else, raise the same NotFound (A1).
    """
    actor.must_be("client")
    hashed = practice.vault.digest(token[:100], "link.token")
    with practice.change() as tx:
        client = the_client(tx, actor.id)
        link = tx.get(Link, hashed)
        if (
            link is None
            or link.purpose != PURPOSE
            or link.person_id != actor.id
            or link.used_at is not None
            or (link.expires_at or 0) <= tx.now
        ):
            raise NotFound("That link is not valid any more", "Ask for a new one in the chat.")
        tx.run(Link.update(used_at=tx.now).where(Link.token_hash == hashed))
        if client.email_confirmed_at is not None:
            return False
        tx.run(Client.update(email_confirmed_at=tx.now).where(Client.id == client.id))
        tx.audit(actor, "confirm_email", "client", client.id)
        _write_in_full(tx, client)
        return True


def _write_in_full(tx: Tx, client: Client) -> None:
    """Write the full confirmation of every live session ahead whose mail has gone out already."""
    ahead = tx.rows(
        Appointment.select()
        .where(
            Appointment.client_id == client.id,
            Appointment.state == State.BOOKED,
            Appointment.start_at > tx.now,
        )
        .order_by(Appointment.start_at)
    )
    for row in ahead:
        unsent = Notice.select(Notice.seq).where(
            Notice.appointment_id == row.id,
            Notice.event == Event.BOOKED,
            Notice.party == Party.CLIENT,
            Notice.channel == "email",
            Notice.state == "pending",
        )
        if tx.first(unsent) is None:
            notices.write(
                tx,
                Event.BOOKED,
                once=f"booked:{row.id}:confirmed:{tx.now}",
                party=Party.CLIENT,
                person_id=client.id,
                appointment_id=row.id,
                channels=["email"],
                expires_at=row.start_at,
            )
