"""Updates from Telegram: durable before they are acknowledged, handled once, then wiped (A4a)."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any, cast

from helpspace.core.errors import HelpspaceError, StoreFault
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Dialogue, Inbox

MOST_FAILURES = 3
"""An update whose handling has failed this often is set aside and never tried again."""

MOST_TRIES = 30
"""An update whose handling was begun this often and never ended is set aside too.

Its process has died each time, which is rarely the update's own doing: far fewer would lose what
was acknowledged to somebody who is out of luck (D1, A4a).
"""

KEEP = 7 * DAY
"""How long the ids of handled updates are kept against repetition; Telegram repeats for a day."""


@dataclass(frozen=True, slots=True)
class Update:
    """One update to handle. `received_at` is when it became durable: a client's act counts from
    then (M2a)."""

    update_id: int
    person: str
    kind: str
    payload: dict[str, Any]
    received_at: int
    tries: int


def person(practice: Practice, chat_id: int) -> str:
    """Return the hash under which a chat's updates wait."""
    return practice.vault.digest(str(chat_id), "client.chat")


def take_in(practice: Practice, updates: list[tuple[int, int, str, dict[str, Any]]]) -> int:
    """Store updates (update id, chat id, kind, payload) in one commit; count the new ones."""
    with practice.change() as tx:
        new = 0
        for update_id, chat_id, kind, payload in updates:
            text = json.dumps(payload, separators=(",", ":"))
            new += tx.insert_once(
                Inbox,
                update_id=update_id,
                person_hash=tx.digest(str(chat_id), "client.chat"),
                kind=kind,
                sealed=tx.seal(text, "inbox.payload"),
                state="new",
                tries=0,
                received_at=tx.now,
            )
        return new


_PEOPLE = """WITH RECURSIVE people(person) AS (
    SELECT min(person_hash) FROM inbox WHERE state = 'new'
    UNION ALL
    SELECT (SELECT min(person_hash) FROM inbox WHERE state = 'new' AND person_hash > person)
    FROM people WHERE person IS NOT NULL)
SELECT person, (SELECT min(update_id) FROM inbox WHERE state = 'new' AND person_hash = person)
FROM people WHERE person IS NOT NULL ORDER BY 2 LIMIT ?"""
"""Steps from person to person, so that it does not matter how many updates one of them has."""


def waiting(
    practice: Practice, *, exclude: frozenset[str] = frozenset(), limit: int = 100
) -> list[str]:
    """Return the people (by hash) who have unhandled updates, those waiting longest first."""
    with practice.reading() as view:
        rows = view.sql(_PEOPLE, limit + len(exclude))
    return [str(row[0]) for row in rows if row[0] not in exclude][:limit]


def next_of(practice: Practice, person: str, *, begun: int | None = None) -> Update | None:
    """Return a person's oldest unhandled update, counting the try before it is handled.

    `begun` is the update that the same process has begun before: its try is counted already.
    """
    with practice.change() as tx:
        while True:
            row = tx.find(
                Inbox, "person_hash = ? AND state = 'new' ORDER BY update_id LIMIT 1", person
            )
            if row is None:
                return None
            again = row.update_id == begun
            payload = _payload(tx, row) if again or row.tries < MOST_TRIES else None
            if payload is not None:
                break
            tx.set(Inbox, "update_id = ?", row.update_id, state="parked", sealed=None)
        tries = row.tries if again else row.tries + 1
        if not again:
            tx.set(Inbox, "update_id = ?", row.update_id, tries=tries)
        return Update(row.update_id, person, row.kind, payload, row.received_at, tries)


def _payload(view: View, row: Inbox) -> dict[str, Any] | None:
    """Return what an update said; None for one that is wiped or damaged."""
    try:
        return cast("dict[str, Any]", json.loads(view.open(row.sealed, "inbox.payload")))
    except (StoreFault, ValueError):
        return None


CROWD = 20
"""So many waiting updates of one person are a flood: nobody taps or writes so far ahead."""

_MORE = """SELECT count(*) FROM (SELECT 1 FROM inbox WHERE state = 'new' AND person_hash =
    (SELECT person_hash FROM inbox WHERE update_id = ?) LIMIT ?) AS more"""


def handled(practice: Practice, update_id: int) -> int:
    """Mark an update as handled and wipe what it said.

    Returns how many more its person has; beyond a crowd they are not counted.
    """
    with practice.change() as tx:
        tx.set(Inbox, "update_id = ?", update_id, state="done", sealed=None)
        return int(tx.sql(_MORE, update_id, CROWD + 1)[0][0])


def set_aside(practice: Practice, update_id: int) -> None:
    """Give up an update whose handling keeps failing, and wipe what it said."""
    with practice.change() as tx:
        tx.set(Inbox, "update_id = ?", update_id, state="parked", sealed=None)


def sweep(practice: Practice) -> int:
    """Forget the ids of updates handled long ago, and dialogues a day after their last step."""
    with practice.change() as tx:
        gone = tx.run(Inbox.delete().where(Inbox.state != "new", Inbox.received_at < tx.now - KEEP))
        return gone + tx.run(Dialogue.delete().where(Dialogue.changed_at < tx.now - DAY))


@dataclass(frozen=True, slots=True)
class Place:
    """Where a person is in the chat: the step, what they have said so far, the living message."""

    step: str
    draft: dict[str, Any]
    message_id: int | None


HOME = Place("home", {}, None)


def place(practice: Practice, chat_id: int) -> Place:
    """Return where a chat is; at home when nothing is known."""
    hashed = practice.vault.digest(str(chat_id), "client.chat")
    with practice.reading() as view:
        row = view.get(Dialogue, hashed)
        if row is None:
            return HOME
        try:
            draft = json.loads(view.open(row.draft_sealed, "dialogue.draft"))
        except HelpspaceError:
            return HOME
        return Place(row.step, draft, row.message_id)


def move_to(practice: Practice, chat_id: int, there: Place) -> None:
    """Store where a chat is now."""
    hashed = practice.vault.digest(str(chat_id), "client.chat")
    with practice.change() as tx:
        values = {
            "step": there.step,
            "draft_sealed": tx.seal(json.dumps(there.draft), "dialogue.draft"),
            "message_id": there.message_id,
            "changed_at": tx.now,
        }
        if not tx.run(Dialogue.update(**values).where(Dialogue.chat_hash == hashed)):
            tx.insert(Dialogue, chat_hash=hashed, **values)
