"""A therapist invites somebody they know already: a link that is accepted once (B2, B4)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpspace.core.accounts import accept_terms, the_client, the_therapist
from helpspace.core.actors import Actor
from helpspace.core.booking.bonds import bond_of
from helpspace.core.errors import Invalid, NotFound
from helpspace.core.links import chat_link
from helpspace.core.moments import DAY
from helpspace.core.plain import plain
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Audit, Bond, Client, Link, Therapist

PURPOSE = "invitation"

PREFIX = "i_"
"""How the `/start` parameter of an invitation begins."""

LIFE = 30 * DAY
"""Seconds an invitation waits to be accepted."""

MOST_OPEN = 100
"""Invitations of one therapist that wait at once."""


@dataclass(frozen=True, slots=True)
class Invitation:
    """An invitation as its therapist sees it; the link is only known when it is made."""

    id: str
    created_at: int
    expires_at: int
    used_at: int | None
    link: str | None = None


Fate = Literal["waiting", "accepted", "taken_back", "expired"]


@dataclass(frozen=True, slots=True)
class Invited:
    """What became of an invitation, for its therapist; instants in UTC epoch seconds.

    `ended_at` is when it was accepted, taken back or ran out; of one that waits, when it will.
    `client_id` is who accepted it.
    """

    id: str
    created_at: int
    fate: Fate
    ended_at: int
    client_id: str | None = None


@dataclass(frozen=True, slots=True)
class Inviter:
    """What somebody who opens an invitation sees: who invites them."""

    therapist_id: str
    name: str


def invite(practice: Practice, actor: Actor) -> Invitation:
    """Make an invitation of the acting therapist; its link is shown once and not stored."""
    actor.must_be("therapist")
    token = practice.ids.token()
    with practice.change() as tx:
        the_therapist(tx, actor.id)
        if len(_open(tx, actor.id)) >= MOST_OPEN:
            raise Invalid(f"{MOST_OPEN} invitations wait already", "Take some back first.")
        link = chat_link(tx, f"{PREFIX}{token}")
        if link is None:
            raise Invalid("The bot has no name yet", "Start helpspace serve once, then invite.")
        made = Invitation(practice.ids.new(), tx.now, tx.now + LIFE, None, link)
        tx.insert(
            Link,
            token_hash=tx.digest(token, "link.token"),
            purpose=PURPOSE,
            person_id=actor.id,
            about=made.id,
            expires_at=made.expires_at,
            created_at=tx.now,
        )
        tx.audit(actor, "invite", "invitation", made.id)
        return made


def invitations(practice: Practice, actor: Actor) -> list[Invitation]:
    """Return the acting therapist's invitations that wait, oldest first."""
    actor.must_be("therapist")
    with practice.reading() as view:
        return [
            Invitation(str(row.about), row.created_at, row.expires_at or 0, row.used_at)
            for row in _open(view, actor.id)
        ]


_TRAIL = "thing = 'invitation' AND act = 'invite' AND actor_id = ? ORDER BY seq DESC LIMIT ?"
_END = "thing = 'invitation' AND thing_id = ? AND act <> 'invite' ORDER BY seq DESC LIMIT 1"
_FATES: dict[str, Fate] = {"accept": "accepted", "revoke": "taken_back"}


def history(practice: Practice, actor: Actor, limit: int = 200) -> list[Invited]:
    """Return the acting therapist's invitations with what became of them, the latest first."""
    actor.must_be("therapist")
    with practice.reading() as view:
        return [_fate(view, row) for row in view.find_all(Audit, _TRAIL, actor.id, limit)]


def _fate(view: View, made: Audit) -> Invited:
    end = view.find(Audit, _END, made.thing_id)
    if end is not None and end.act in _FATES:
        who = end.actor_id if end.act == "accept" else None
        return Invited(made.thing_id, made.at, _FATES[end.act], end.at, who)
    until = made.at + LIFE
    return Invited(made.thing_id, made.at, "waiting" if view.now < until else "expired", until)


def revoke(practice: Practice, actor: Actor, invitation_id: str) -> None:
    """Take an invitation back as its therapist."""
    actor.must_be("therapist")
    with practice.change() as tx:
        own = "purpose = ? AND person_id = ? AND about = ? AND used_at IS NULL"
        row = tx.find(Link, own, PURPOSE, actor.id, invitation_id)
        if row is None:
            raise NotFound
        tx.run(Link.delete().where(Link.token_hash == row.token_hash))
        tx.audit(actor, "revoke", "invitation", invitation_id)


def inviter(practice: Practice, actor: Actor, token: str) -> Inviter:
    """Return who invites; a used, old or invented token answers the same (A1)."""
    actor.must_be("client")
    with practice.reading() as view:
        row = _valid(view, token)
        therapist = the_therapist(view, row.person_id)
        name = plain(view.open(therapist.name_sealed, "therapist.name"))
        return Inviter(therapist.id, name)


def accept(practice: Practice, actor: Actor, token: str) -> Inviter:
    """Accept an invitation as a client, once: from then on its therapist may book (B2, B4).

    The terms are agreed to with it. It also takes back an earlier end of the work.
    """
    actor.must_be("client")
    with practice.change() as tx:
        therapist = tx.lock(Therapist, _valid(tx, token).person_id)
        client = tx.lock(Client, actor.id)
        row = _valid(tx, token)
        if therapist is None or client is None:
            raise NotFound
        client = the_client(tx, actor.id)
        tx.set(Link, "token_hash = ?", row.token_hash, used_at=tx.now)
        accept_terms(tx, actor, client)
        if bond_of(tx, therapist.id, actor.id) is None:
            tx.insert(Bond, therapist_id=therapist.id, client_id=actor.id)
        pair = "therapist_id = ? AND client_id = ?"
        tx.set(Bond, pair, therapist.id, actor.id, invited_at=tx.now, ended_at=None)
        tx.audit(actor, "accept", "invitation", str(row.about), therapist=therapist.id)
        name = plain(tx.open(therapist.name_sealed, "therapist.name"))
        return Inviter(therapist.id, name)


def _valid(view: View, token: str) -> Link:
    row = view.get(Link, view.practice.vault.digest(token[:100], "link.token"))
    if (
        row is None
        or row.purpose != PURPOSE
        or row.used_at is not None
        or (row.expires_at or 0) <= view.now
    ):
        raise NotFound("That invitation is not valid any more", "Ask for a new one.")
    return row


def _open(view: View, therapist_id: str) -> list[Link]:
    where = (
        "purpose = ? AND person_id = ? AND used_at IS NULL AND expires_at > ? ORDER BY created_at"
    )
    return view.find_all(Link, where, PURPOSE, therapist_id, view.now)
