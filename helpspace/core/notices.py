"""Notices: written in the commit of their event, sent later in order for each recipient (N5).

A row carries ids and numbers only; the words are made when it is sent, from what is true then.
"""

from __future__ import annotations

import json
import re
from collections.abc import Sequence
from enum import StrEnum
from typing import Any, Literal, NamedTuple

from helpspace.core import moments
from helpspace.core.actors import Actor
from helpspace.core.errors import NotFound
from helpspace.core.moments import HOUR, MINUTE
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Client, Notice

Channel = Literal["email", "telegram"]

LEASE = 2 * MINUTE
"""How long one sender has a notice before another may try it."""

TRIES = 12
"""After this many failed tries a notice is shown as failed to the team (about 3 hours)."""

MOST_LOST = 30
"""After this many senders that died with it in hand, too (about an hour).

A death is rarely the notice's own doing: several are in hand at once, and a service that keeps
dying of something else must not use up what everybody is owed.
"""

_NUMBER = re.compile("[0-9]{1,18}")
"""The id of a notice as people write it; longer ones fit no store."""


class Event(StrEnum):
    """What a notice tells."""

    BOOKED = "booked"
    REMINDER = "reminder"
    CANCELLED = "cancelled"
    MOVED = "moved"
    CHARGED = "charged"
    CHARGE_FAILED = "charge_failed"
    APPROVAL_NEEDED = "approval_needed"
    CARD_NEEDED = "card_needed"
    CARD_SAVED = "card_saved"
    REFUNDED = "refunded"
    REFUND_FAILED = "refund_failed"
    DISPUTED = "disputed"
    CARD_EXPIRING = "card_expiring"
    CHARGES_TOMORROW = "charges_tomorrow"
    WAIVED = "waived"
    NO_SHOW = "no_show"
    ABSENCE_REPORTED = "absence_reported"
    ABSENCE_ANSWERED = "absence_answered"
    MOVE_ASKED = "move_asked"
    MOVE_REFUSED = "move_refused"
    ACCOUNT_REFUSED = "account_refused"
    CONFIRM_EMAIL = "confirm_email"
    TICKET_WRITTEN = "ticket_written"
    TICKET_ANSWERED = "ticket_answered"
    APPLICATION_RECEIVED = "application_received"
    APPLICATION_RETURNED = "application_returned"
    APPLICATION_APPROVED = "application_approved"
    PROOF_EXPIRING = "proof_expiring"
    PROOF_EXPIRED = "proof_expired"
    PROOF_ACCEPTED = "proof_accepted"
    PROOF_RETURNED = "proof_returned"
    PUBLISHED = "published"
    ACCOUNT_READY = "account_ready"
    ACCOUNT_LOST = "account_lost"
    SUSPENDED = "suspended"
    REINSTATED = "reinstated"


class NoticeView(NamedTuple):
    """A notice for the team: what, to whom, how, and whether it went. No words, no address."""

    id: str
    event: str
    appointment_id: str | None
    party: str
    person_id: str
    channel: str
    state: str
    tries: int
    error: str | None
    created_at: int
    ended_at: int | None


class Errand(NamedTuple):
    """A notice claimed by one sender, with the fence it must settle behind."""

    seq: int
    fence: str
    event: Event
    appointment_id: str | None
    party: Party
    person_id: str
    channel: Channel
    facts: dict[str, Any]
    created_at: int
    tries: int
    lost: int = 0
    """How many of its tries never came back."""


def channels_of_client(client: Client) -> list[Channel]:
    """Return the channels on which a client wants and can get notices (N7, K3a)."""
    found: list[Channel] = []
    if client.by_email and client.email_sealed is not None:
        found.append("email")
    if client.by_chat and client.chat_sealed is not None and client.chat_blocked_at is None:
        found.append("telegram")
    if not found and client.email_sealed is not None:
        found.append("email")
    return found


def write(
    tx: Tx,
    event: Event,
    *,
    once: str,
    party: Party,
    person_id: str,
    appointment_id: str | None = None,
    channels: Sequence[Channel] | None = None,
    expires_at: int | None = None,
    facts: dict[str, Any] | None = None,
) -> None:
    """Write the notices that one event owes one person, one a channel, never twice (N1, N5).

    `once` names the fact, such as "booked:<appointment>"; person and channel are added to it.
    """
    if channels is None:
        channels = ["email"]
        if party is Party.CLIENT:
            client = tx.get(Client, person_id)
            channels = [] if client is None else channels_of_client(client)
    for channel in channels:
        tx.insert_once(
            Notice,
            once=f"{once}:{party}:{person_id}:{channel}",
            event=event,
            appointment_id=appointment_id,
            party=party,
            person_id=person_id,
            channel=channel,
            facts=json.dumps(facts or {}, sort_keys=True, separators=(",", ":")),
            state="pending",
            next_at=tx.now,
            tries=0,
            expires_at=expires_at,
            created_at=tx.now,
        )


_TAKE = """UPDATE notice SET next_at = ?, holder = ?, tries = tries + 1,
    lost = lost + CASE WHEN holder IS NULL THEN 0 ELSE 1 END WHERE seq IN (
    SELECT due.seq FROM notice due
    WHERE due.state = 'pending' AND due.next_at <= ? AND due.channel IN (?, ?)
    AND NOT EXISTS (SELECT 1 FROM notice older
        WHERE older.person_id = due.person_id AND older.channel = due.channel
        AND older.state = 'pending' AND older.seq < due.seq)
    ORDER BY due.next_at, due.seq LIMIT ?"""


def claim(
    practice: Practice, sender: str, limit: int = 20, *, channel: Channel | None = None
) -> list[Errand]:
    """Claim notices that are due, only the oldest unsent one of each recipient and channel (N4).

    With `channel` only those, so that one failing channel never holds up another (N5). A claim
    commits its try before anything is sent, so a notice that kills its sender runs out too.
    """
    with practice.change() as tx:
        _expire(tx)
        _run_out(tx)
        channels = ("email", "telegram") if channel is None else (channel, channel)
        text = f"{_TAKE} FOR UPDATE SKIP LOCKED)" if tx.postgresql else f"{_TAKE})"
        rows = tx.take(Notice, text, tx.now + LEASE, sender, tx.now, *channels, limit)
        return [_errand(row) for row in sorted(rows, key=lambda row: int(row.seq))]


def _errand(row: Notice) -> Errand:
    return Errand(
        seq=row.seq,
        fence=f"{row.holder}:{row.tries}",
        event=Event(row.event),
        appointment_id=row.appointment_id,
        party=Party(row.party),
        person_id=row.person_id,
        channel="email" if row.channel == "email" else "telegram",
        facts=json.loads(row.facts),
        created_at=row.created_at,
        tries=row.tries,
        lost=row.lost,
    )


def _expire(tx: Tx) -> None:
    ended = {"state": "expired", "next_at": None, "holder": None, "ended_at": tx.now}
    tx.set(Notice, "state = 'pending' AND expires_at <= ?", tx.now, **ended)


def _run_out(tx: Tx) -> None:
    """Give up what too many senders never came back from (N5)."""
    where = "state = 'pending' AND next_at <= ? AND lost >= ?"
    for row in tx.find_all(Notice, where, tx.now, MOST_LOST):
        _give_up(tx, _errand(row), "no_answer")


def drop_unsent(tx: Tx, event: Event, appointment_id: str) -> None:
    """Drop what no sender has in hand of an event that is no longer true."""
    where = "event = ? AND appointment_id = ? AND state = 'pending' AND holder IS NULL"
    ended = {"state": "dropped", "next_at": None, "ended_at": tx.now, "error": "cancelled"}
    tx.set(Notice, where, event, appointment_id, **ended)


_FENCE = "seq = ? AND state = 'pending' AND holder = ? AND tries = ?"


def _settle(tx: Tx, errand: Errand, **values: Any) -> bool:
    holder, _, tries = errand.fence.rpartition(":")
    found_by = (errand.seq, holder, int(tries))
    return bool(tx.set(Notice, _FENCE, *found_by, holder=None, **values))


def _end(tx: Tx, errand: Errand, state: str, error: str | None) -> bool:
    return _settle(tx, errand, state=state, next_at=None, ended_at=tx.now, error=error)


def sent(practice: Practice, errand: Errand) -> bool:
    """Record that a notice went out; False when the lease was lost meanwhile."""
    with practice.change() as tx:
        return _end(tx, errand, "sent", None)


def dropped(practice: Practice, errand: Errand, why: str) -> bool:
    """Record that a notice is no longer true and is not sent, such as a late reminder."""
    with practice.change() as tx:
        return _end(tx, errand, "dropped", why)


def failed(
    practice: Practice,
    errand: Errand,
    error: str,
    *,
    for_good: bool = False,
    wait: int | None = None,
) -> bool:
    """Record a failed try: again later with growing gaps, or failed for good (N5).

    `error` is a code, never a text with a name in it. `wait` is what the other side asked for in
    seconds and does not count as a try. A chat that fails for good falls back to e-mail (N7).
    """
    with practice.change() as tx:
        number = errand.tries - errand.lost
        if not for_good and (wait is not None or number < TRIES):
            gap = wait if wait is not None else min(5 * 2**number, HOUR)
            tries = errand.tries if wait is None else errand.tries - 1
            return _settle(tx, errand, next_at=tx.now + gap, tries=tries, error=error[:100])
        return _give_up(tx, errand, error[:100])


def _give_up(tx: Tx, errand: Errand, error: str) -> bool:
    done = _end(tx, errand, "failed", error)
    if done and errand.channel == "telegram" and errand.party is Party.CLIENT:
        _by_mail_instead(tx, errand)
    return done


def _by_mail_instead(tx: Tx, errand: Errand) -> None:
    """Write the e-mail for a chat that cannot be reached, unless the person got it anyway (N7)."""
    client = tx.get(Client, errand.person_id)
    row = tx.get(Notice, errand.seq)
    if client is None or client.email_sealed is None or row is None:
        return
    write(
        tx,
        errand.event,
        once=row.once.rsplit(":", 3)[0],
        party=errand.party,
        person_id=errand.person_id,
        appointment_id=errand.appointment_id,
        channels=["email"],
        expires_at=row.expires_at,
        facts=errand.facts,
    )


def resend(practice: Practice, actor: Actor, notice_id: str) -> None:
    """Put a failed notice back in the queue, for the team."""
    actor.must_be("team")
    with practice.change() as tx:
        row = tx.get(Notice, int(notice_id)) if _NUMBER.fullmatch(notice_id) else None
        if row is None:
            raise NotFound
        if row.state != "failed":
            raise NotFound("That notice has not failed", "Choose one that has.")
        tx.run(
            Notice.update(state="pending", next_at=tx.now, tries=0, lost=0, ended_at=None).where(
                Notice.seq == row.seq
            )
        )
        tx.audit(actor, "resend", "notice", str(row.seq))


def failed_ones(practice: Practice, actor: Actor) -> list[str]:
    """Return the ids of the failed notices for the team, oldest first."""
    actor.must_be("team")
    with practice.reading() as view:
        rows = view.sql("SELECT seq FROM notice WHERE state = 'failed' ORDER BY seq")
    return [str(row[0]) for row in rows]


def notices(
    practice: Practice,
    actor: Actor,
    *,
    state: str | None = None,
    appointment_id: str | None = None,
    limit: int = 200,
) -> list[NoticeView]:
    """Return notices for the team, newest first."""
    actor.must_be("team")
    query = Notice.select().order_by(Notice.seq.desc()).limit(limit)
    if state is not None:
        query = query.where(Notice.state == state)
    if appointment_id is not None:
        query = query.where(Notice.appointment_id == appointment_id)
    with practice.reading() as view:
        return [_view(row) for row in view.rows(query)]


def _view(row: Notice) -> NoticeView:
    return NoticeView(
        id=str(row.seq),
        event=row.event,
        appointment_id=row.appointment_id,
        party=row.party,
        person_id=row.person_id,
        channel=row.channel,
        state=row.state,
        tries=row.tries,
        error=row.error,
        created_at=row.created_at,
        ended_at=row.ended_at,
    )


def in_mail_today(start: int, zone: str, now: int) -> bool:
    """Say whether a start is on the recipient's own date of now."""
    return moments.local_date(start, zone) == moments.local_date(now, zone)
