"""What must hold of the store after each kill, and of everything once the world is settled."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from helpspace.core import policy, reconcile
from helpspace.core.actors import Actor
from helpspace.core.moments import MINUTE
from helpspace.core.policy import Kind, State, Terms
from helpspace.core.practice import View
from helpspace.core.store import upkeep
from tests.soak.wire_world import World

TEAM = Actor.team("soak")

WHOLE = {
    "appointments without their payment": """SELECT a.id FROM appointment a
        LEFT JOIN payment p ON p.appointment_id = a.id WHERE p.appointment_id IS NULL""",
    "payments without their appointment": """SELECT p.appointment_id FROM payment p
        LEFT JOIN appointment a ON a.id = p.appointment_id WHERE a.id IS NULL""",
    "appointments without exactly two reminders": """SELECT a.id FROM appointment a
        LEFT JOIN reminder r ON r.appointment_id = a.id GROUP BY a.id HAVING count(r.party) <> 2""",
    "appointments without exactly one row of the trail that books them": """SELECT a.id
        FROM appointment a LEFT JOIN audit u ON u.thing_id = a.id AND u.act = 'book'
        GROUP BY a.id HAVING count(u.seq) <> 1""",
    "rows of the trail that book nothing": """SELECT u.thing_id FROM audit u
        LEFT JOIN appointment a ON a.id = u.thing_id WHERE u.act = 'book' AND a.id IS NULL""",
    "appointments whose people were not both told": """SELECT a.id FROM appointment a
        LEFT JOIN notice n ON n.appointment_id = a.id AND n.event = 'booked'
        GROUP BY a.id HAVING count(DISTINCT n.party) <> 2""",
    "cancellations that the trail does not have exactly once": """SELECT a.id FROM appointment a
        LEFT JOIN audit u ON u.thing_id = a.id AND u.act = 'cancel'
        GROUP BY a.id, a.cancelled_at
        HAVING count(u.seq) <> CASE WHEN a.cancelled_at IS NULL THEN 0 ELSE 1 END""",
    "cancellations of which not both were told": """SELECT a.id FROM appointment a
        LEFT JOIN notice n ON n.appointment_id = a.id AND n.event = 'cancelled'
        GROUP BY a.id, a.cancelled_at HAVING count(DISTINCT n.party)
        <> CASE WHEN a.cancelled_at IS NULL THEN 0 ELSE 2 END""",
    "cancelled appointments with reminders to come": """SELECT a.id FROM appointment a
        JOIN reminder r ON r.appointment_id = a.id AND r.state = 'waiting'
        WHERE a.cancelled_at IS NOT NULL""",
    "money that moved without its row of the trail": """SELECT l.seq FROM ledger l
        LEFT JOIN audit u ON u.thing_id = l.appointment_id AND u.act = l.kind
        GROUP BY l.seq HAVING count(u.seq) <> 1""",
    "money that moved without its notice": """SELECT l.seq FROM ledger l LEFT JOIN notice n
        ON n.appointment_id = l.appointment_id AND n.party = 'client' AND n.event =
        CASE l.kind WHEN 'charge' THEN 'charged' ELSE 'refunded' END
        GROUP BY l.seq HAVING count(n.seq) = 0""",
    "money in the ledger whose intent took none": """SELECT l.seq FROM ledger l
        LEFT JOIN intent i ON i.appointment_id = l.appointment_id AND i.state = 'succeeded'
        GROUP BY l.seq HAVING count(i.id) <> 1""",
    "slots without exactly one row of the trail that opens them": """SELECT c.id FROM claim c
        LEFT JOIN audit u ON u.thing_id = c.id AND u.act = 'open'
        WHERE c.purpose = 'slot' GROUP BY c.id HAVING count(u.seq) <> 1""",
    "updates set aside": "SELECT update_id FROM inbox WHERE state = 'parked'",
    "jobs that failed in a way nobody foresaw": """SELECT job, error FROM heartbeat
        WHERE substr(error, 1, 6) = 'fault:'""",
}
"""Each sentence finds what breaks it: a change with all that belongs to it is one commit (D2)."""

STUCK = {
    "pending notices": "SELECT seq FROM notice WHERE state = 'pending'",
    "failed notices": "SELECT seq, error FROM notice WHERE state = 'failed'",
    "unhandled updates": "SELECT update_id FROM inbox WHERE state <> 'done'",
    "payments in hand": """SELECT p.appointment_id, p.status FROM payment p
        JOIN appointment a ON a.id = p.appointment_id
        WHERE p.holder IS NOT NULL OR p.next_at IS NOT NULL OR NOT (p.status IN
        ('none', 'paid', 'refunded') OR (p.status = 'scheduled' AND a.cancelled_at IS NOT NULL))""",
    "confirmations of unknown fate": "SELECT id FROM attempt WHERE outcome = 'unknown'",
    "refunds of unknown fate": "SELECT id FROM refund WHERE state IN ('asked', 'pending')",
    "booked sessions in the past": "SELECT id FROM appointment WHERE state = 'booked'",
    "reminders to come": "SELECT appointment_id FROM reminder WHERE state = 'waiting'",
}
"""What must not be there once the world is settled (D3)."""

CHAT_EVENTS = {
    "booked": r"is booked for|was booked, and",
    "reminder": r"^Today at",
    "cancelled": r"is cancelled\.|will not take place",
    "charged": r"has been paid",
    "refunded": r"on its way back to you",
}

SESSION = "SELECT id, client_id, therapist_id, slot_id, start_at, state, cancelled_at, kind, fee,"


@dataclass
class Found:
    """The store as it was left by a kill."""

    sessions: dict[str, dict[str, Any]] = field(default_factory=dict)
    claims: dict[tuple[str, int], dict[str, Any]] = field(default_factory=dict)
    received: dict[int, int] = field(default_factory=dict)
    crashed: set[tuple[int, int]] = field(default_factory=set)
    """Notices that somebody was sending: number and try."""
    unhandled: set[int] = field(default_factory=set)
    """Updates that are durable and whose handling had begun."""
    held: dict[str, str] = field(default_factory=dict)
    """Payments that somebody was settling: the fence, and what was being done."""


def after_kill(world: World) -> Found:
    """Check everything that holds always, and return what there is; nobody else is at work."""
    with world.practice.reading() as view:
        wrong = dict(broken(view, WHOLE))
        found = _found(view)
    assert not wrong, wrong
    findings = upkeep.check(world.practice, TEAM)
    assert not [one for one in findings if not one.ok], findings
    world.bank.check("appointment")
    lost = _confirmed(world) - set(found.received)
    assert not lost, f"updates that Telegram was told are durable are not there: {lost}"
    return found


def broken(view: View, rules: dict[str, str]) -> Iterator[tuple[str, list[tuple[Any, ...]]]]:
    """Give the rules that are broken, each with what breaks it."""
    for words, sql in rules.items():
        if rows := view.sql(sql):
            yield words, rows[:5]


def _confirmed(world: World) -> set[int]:
    """Return the updates of the last days that the bot has told Telegram not to send again."""
    young = world.clock.now() - 6 * 24 * 60 * MINUTE
    with world.telegram.acting() as inside:
        done = inside.updates._confirmed
        return {one.id for one in done if one.at > young and "edited_message" not in one.body}


def _found(view: View) -> Found:
    found = Found()
    columns = ("id", "client", "therapist", "slot", "start", "state", "cancelled_at", "kind",
               "fee", "free_until", "booked_at")  # fmt: skip
    for row in view.sql(f"{SESSION} free_until, booked_at FROM appointment"):
        found.sessions[row[0]] = dict(zip(columns, row, strict=True))
    for row in view.sql("SELECT id, therapist_id, start_at, purpose FROM claim"):
        found.claims[row[1], row[2]] = {"id": row[0], "purpose": row[3]}
    for row in view.sql("SELECT update_id, received_at, state, tries FROM inbox"):
        found.received[row[0]] = row[1]
        if row[2] == "new" and row[3]:
            found.unhandled.add(row[0])
    sending = "SELECT seq, tries FROM notice WHERE state = 'pending' AND holder IS NOT NULL"
    found.crashed = {(row[0], row[1]) for row in view.sql(sending)}
    held = """SELECT p.holder, p.appointment_id, p.status, a.state FROM payment p
        JOIN appointment a ON a.id = p.appointment_id WHERE p.holder IS NOT NULL"""
    for holder, about, status, state in view.sql(held):
        back = status == "refunding" or state == State.CANCELLED_BY_THERAPIST
        found.held[f"{holder}:{about}"] = "refunding" if back else "charging"
    return found


def settled(world: World, crashes: Counter[int]) -> dict[str, int]:
    """Check everything that holds in the end, and return the figures of the whole run."""
    found = after_kill(world)
    with world.practice.reading() as view:
        wrong = dict(broken(view, STUCK))
        waived = {row[0] for row in view.sql("SELECT appointment_id FROM payment"
                                             " WHERE waived_at IS NOT NULL")}  # fmt: skip
        now = view.now
    assert not wrong, wrong
    differences = reconcile.reconcile(world.practice, world.gateway)
    assert not differences, differences
    money = _money(world, found, waived, now)
    mails, chats, doubled = _deliveries(world, crashes)
    return {**money, "mails": mails, "chats": chats, "doubled": doubled}


def _money(world: World, found: Found, waived: set[str], now: int) -> dict[str, int]:
    """Check what Stripe took and gave back for each appointment against the rules (M2–M8)."""
    taken, back = Counter[str](), Counter[str]()
    when: dict[str, int] = {}
    for row in world.bank.ledger():
        about = row.metadata["appointment"]
        taken[about] += row.gross
        back[about] += row.refunded
        for at in row.captured_at:
            assert about not in when, f"{about} was charged twice"
            when[about] = at
    assert set(taken) <= set(found.sessions), "Stripe has payments for appointments nobody knows"
    for name, one in found.sessions.items():
        terms = Terms(one["start"], one["free_until"], one["fee"])
        state = State(one["state"])
        owed = policy.owed(state, terms, one["cancelled_at"], now, waived=name in waived)
        said = f"{name} {one}: took {taken[name]}, gave back {back[name]}, owed {owed}"
        assert taken[name] in (0, one["fee"]), said
        assert back[name] in (0, taken[name]), said
        assert taken[name] - back[name] == owed, said
        assert terms.free_until == policy.free_until(
            Kind(one["kind"]), one["start"], one["booked_at"]
        )
        if name in when:
            assert when[name] >= policy.charge_from(terms), said
        in_time = one["cancelled_at"] is not None and one["cancelled_at"] <= terms.free_until
        if state is State.CANCELLED_BY_CLIENT and in_time:
            assert taken[name] == 0, said
    return {
        "sessions": len(found.sessions),
        "charges": len(when),
        "refunds": sum(amount > 0 for amount in back.values()),
        "pence": sum(taken.values()) - sum(back.values()),
    }


def _deliveries(world: World, crashes: Counter[int]) -> tuple[int, int, int]:
    """Check that each notice arrived, and more than once only where a sender was killed (N2)."""
    with world.practice.reading() as view:
        notices = view.sql(
            "SELECT seq, event, appointment_id, channel, state, person_id FROM notice"
        )
        chat_of = {
            row[0]: view.open(row[1], "client.chat")
            for row in view.sql("SELECT id, chat_sealed FROM client")
        }
    mails = Counter(
        int(found.group(1))
        for mail in world.mails.mails
        if (found := re.search(r"notice-(\d+)@", mail.header("Message-ID") or ""))
    )
    assert sum(mails.values()) == len(world.mails.mails)
    chats = _chats(world)
    doubled = 0
    for seq, event, about, channel, state, person in notices:
        if channel == "email":
            arrived = mails.pop(seq, 0)
        else:
            arrived = chats.pop((chat_of[person], about, event), 0) if about else 1
        said = f"notice {seq} ({event}, {channel}, {state}) arrived {arrived} times"
        assert arrived <= 1 + crashes[seq], f"{said}; {crashes[seq]} of its senders were killed"
        assert arrived >= (state == "sent"), said
        doubled += max(0, arrived - 1)
    assert not mails, f"mails of no notice: {mails}"
    assert not chats, f"chat messages of no notice: {chats}"
    return len(world.mails.mails), sum(_chats(world).values()), doubled


def _chats(world: World) -> Counter[tuple[str, str, str]]:
    """Count the news that reached chats, by chat, appointment and event."""
    found = Counter[tuple[str, str, str]]()
    for call in world.telegram.calls_of("sendMessage"):
        markup = call.params.get("reply_markup") or {}
        markup = json.loads(markup) if isinstance(markup, str) else markup
        data = [b.get("callback_data", "") for row in markup.get("inline_keyboard", ())
                for b in row]  # fmt: skip
        about = [one.removeprefix("a:") for one in data if one.startswith("a:")]
        if call.status != 200 or not about:
            continue
        text = str(call.params["text"])
        events = [event for event, words in CHAT_EVENTS.items() if re.search(words, text)]
        assert len(events) == 1, text
        found[str(call.params["chat_id"]), about[0], events[0]] += 1
    return found
