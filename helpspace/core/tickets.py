"""What clients write to the team: questions and complaints, and the team's answers.

It is the only place where the chat asks for free text. A complaint is acknowledged at once and to
be answered within 30 days.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from helpspace.core import notices, team
from helpspace.core.accounts import the_client
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, Invalid, NotFound
from helpspace.core.moments import DAY
from helpspace.core.notices import Channel, Event
from helpspace.core.plain import plain_lines
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Client, Ticket

Kind = Literal["question", "complaint"]

LONGEST = 1000
"""Characters of what somebody writes to the team."""

LONGEST_ANSWER = 1000
"""Characters of an answer, so that it fits one message of the chat with room to spare."""

ANSWER_WITHIN = {"question": 7 * DAY, "complaint": 30 * DAY}
"""Seconds within which the team means to answer; for complaints the law's own limit."""

MOST_OPEN = 3
"""Letters of one client that wait for an answer."""


@dataclass(frozen=True, slots=True)
class TicketView:
    """A letter to the team with its answer; instants in UTC epoch seconds."""

    id: str
    client_id: str
    kind: str
    text: str
    answer: str
    state: str
    created_at: int
    answer_by: int
    answered_at: int | None


def write(practice: Practice, actor: Actor, kind: Kind, text: str) -> TicketView:
    """Send the team what the acting client has written; they are told that it is there."""
    actor.must_be("client")
    if kind not in ANSWER_WITHIN:
        raise NotFound
    said = plain_lines(text, LONGEST)
    if not any(character.isalnum() for character in said):
        raise Invalid("There are no words in that", "Write what you want to tell the team.")
    with practice.change() as tx:
        tx.lock(Client, actor.id)
        the_client(tx, actor.id)
        waiting = "SELECT count(*) FROM ticket WHERE client_id = ? AND state = 'open'"
        if int(tx.sql(waiting, actor.id)[0][0]) >= MOST_OPEN:
            raise Invalid(
                f"{MOST_OPEN} of your messages wait for an answer", "Please wait for the first one."
            )
        ticket_id = practice.ids.new()
        tx.insert(
            Ticket,
            id=ticket_id,
            client_id=actor.id,
            kind=kind,
            text_sealed=tx.seal(said, "ticket.text"),
            state="open",
            created_at=tx.now,
            answer_by=tx.now + ANSWER_WITHIN[kind],
        )
        # Without a word of it: what was written is read with the command, not in a mailbox.
        team.tell(tx, Event.TICKET_WRITTEN, once=ticket_id, ticket=ticket_id)
        tx.audit(actor, "write", "ticket", ticket_id, kind=kind)
        return _view(tx, _row(tx, actor, ticket_id))


def tickets(
    practice: Practice, actor: Actor, *, state: str | None = None, limit: int = 100
) -> list[TicketView]:
    """Return the acting client's letters, newest first; for the team everybody's, oldest first."""
    actor.must_be("client", "team")
    texts, values = [], []
    if actor.role == "client":
        texts, values = ["client_id = ?"], [actor.id]
    if state is not None:
        texts, values = [*texts, "state = ?"], [*values, state]
    order = "DESC" if actor.role == "client" else "ASC"
    where = f"{' AND '.join(texts) or 'true'} ORDER BY created_at {order}, id LIMIT ?"
    with practice.reading() as view:
        return [_view(view, row) for row in view.find_all(Ticket, where, *values, limit)]


def ticket(practice: Practice, actor: Actor, ticket_id: str) -> TicketView:
    """Return one letter to its client or the team; others find nothing (A1)."""
    with practice.reading() as view:
        return _view(view, _row(view, actor, ticket_id))


def answer(practice: Practice, actor: Actor, ticket_id: str, text: str) -> TicketView:
    """Answer a letter as the team, once; its client gets a neutral notice (N6)."""
    actor.must_be("team")
    said = plain_lines(text, LONGEST_ANSWER)
    if not said:
        raise Invalid("The answer is empty", "Write it with --text.")
    with practice.change() as tx:
        row = _row(tx, actor, ticket_id)
        client = tx.lock(Client, row.client_id)
        row = _row(tx, actor, ticket_id)
        if client is None or client.erased_at is not None:
            raise NotFound
        if row.state != "open":
            raise Changed("It is answered already")
        sealed = tx.seal(said, "ticket.answer")
        done = {"answer_sealed": sealed, "state": "answered", "answered_at": tx.now}
        tx.set(Ticket, "id = ?", ticket_id, **done)
        notices.write(
            tx,
            Event.TICKET_ANSWERED,
            once=f"ticket_answered:{ticket_id}",
            party=Party.CLIENT,
            person_id=client.id,
            channels=_channels(client),
            facts={"ticket": ticket_id},
        )
        tx.audit(actor, "answer", "ticket", ticket_id)
        return _view(tx, _row(tx, actor, ticket_id))


def answer_of(view: View, ticket_id: str, client_id: str) -> str:
    """Return the answer to a client's own letter, for the mail that brings it."""
    row = view.get(Ticket, ticket_id)
    if row is None or row.client_id != client_id:
        return ""
    return plain_lines(view.open(row.answer_sealed, "ticket.answer"), LONGEST_ANSWER)


def _channels(client: Client) -> list[Channel]:
    """Return where an answer goes: by e-mail only to an address that is confirmed (N1)."""
    found = notices.channels_of_client(client)
    if client.email_confirmed_at is None:
        found = [one for one in found if one != "email"]
    return found


def _row(view: View, actor: Actor, ticket_id: str) -> Ticket:
    row = view.get(Ticket, ticket_id)
    if row is None or not (
        actor.role == "team" or (actor.role == "client" and actor.id == row.client_id)
    ):
        raise NotFound
    return row


def _view(view: View, row: Ticket) -> TicketView:
    return TicketView(
        id=row.id,
        client_id=row.client_id,
        kind=row.kind,
        text=plain_lines(view.open(row.text_sealed, "ticket.text"), LONGEST),
        answer=plain_lines(view.open(row.answer_sealed, "ticket.answer"), LONGEST_ANSWER),
        state=row.state,
        created_at=row.created_at,
        answer_by=row.answer_by,
        answered_at=row.answered_at,
    )
