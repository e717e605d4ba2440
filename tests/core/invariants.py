"""The invariants of money, bookings and notices as yes/no questions to a practice and its Stripe.

Each function raises AssertionError with the name of what was broken. `always_…` holds after every
step, also in the middle of faults; `settled_…` once the world has come to rest.
"""

from __future__ import annotations

import json
from collections import Counter
from itertools import pairwise
from typing import Any

from helpspace.core.payments.tries import SOFT
from helpspace.core.practice import Practice
from helpspace.core.store.tables import (
    Appointment,
    Attempt,
    Audit,
    Claim,
    Client,
    Intent,
    Ledger,
    Notice,
    Payment,
    Refund,
    Therapist,
)
from tests.core.fake_stripe import FakeStripe
from tests.makers import all_rows

LIVE = {"booked", "completed", "no_show"}
OPEN = ("requires_confirmation", "requires_payment_method", "requires_action", "processing")


def by_key(practice: Practice, model: Any, key: str = "id") -> dict[str, dict[str, Any]]:
    return {one[key]: one for one in all_rows(practice, model)}


# --- the rules once more, in their own words: nothing here asks the product's policy

DECISION = 172_800
THINK = 7_200
GRACE = 60
MOST_TRIES = {True: 4, False: 2}
"""How often a card is tried for a session, by whether its decline is soft (M6); one more than the
rule says, since a try whose answer never came may have to be made again."""


def moved_terms(
    before: dict[str, Any], asked_by: str, start: int, now: int, *, paid: bool
) -> tuple[int, bool]:
    """T(a) after a move of M10, and whether what was paid stays paid until a cancellation."""
    inside = now > before["start_at"] - DECISION
    if before["fee"] and asked_by == "client" and (paid or inside):
        return min(int(before["free_until"]), start), paid
    usual = start - DECISION
    return (usual if usual >= now else min(now + THINK, start)), paid


def free_until(one: dict[str, Any]) -> int:
    """T(a) of invariants.md, with B3a; of what was moved, what the machine has checked (M10)."""
    if one["moved_at"] is not None:
        return int(one["free_until"])
    usual = int(one["start_at"]) - DECISION
    if usual >= one["booked_at"]:
        return usual
    if one["kind"] == "initial":
        return int(one["booked_at"])
    return min(int(one["booked_at"]) + THINK, int(one["start_at"]))


def owed(one: dict[str, Any], now: int, *, waived: bool) -> int:
    """owed(a, now) of invariants.md."""
    if waived or one["state"] == "cancelled_by_therapist":
        return 0
    if one["taken"] and one["state"] in LIVE:
        return int(one["fee"])
    at = one["cancelled_at"] if one["state"] == "cancelled_by_client" else now
    return int(one["fee"]) if at > free_until(one) else 0


# --- bookings


def always_bookings(practice: Practice) -> None:
    """B1–B3, B5–B8 and C2 of what the store holds."""
    appointments = all_rows(practice, Appointment)
    claims = by_key(practice, Claim)
    live = [one for one in appointments if one["state"] in LIVE]
    _no_overlap(
        [(c["therapist_id"], c["start_at"], c["end_at"]) for c in claims.values()
         if c["state"] != "closed"], "C2",
    )  # fmt: skip
    _no_overlap([(a["therapist_id"], a["start_at"], a["end_at"]) for a in live], "B2")
    slots = Counter(a["slot_id"] for a in live if a["slot_id"])
    assert all(count == 1 for count in slots.values()), "B1: a slot with two live appointments"
    pairs = Counter((a["client_id"], a["therapist_id"]) for a in live if a["kind"] == "initial")
    assert all(count == 1 for count in pairs.values()), "B7: two live initial sessions"
    for one in appointments:
        claim = claims[one["claim_id"]]
        assert one["start_at"] > one["booked_at"], "B8: booked after its start"
        assert (one["kind"] == "initial") == (one["booked_by"] == "client"), "B6"
        assert one["free_until"] == free_until(one), "M1: free_until"
        if one["state"] in LIVE:
            assert claim["state"] == "booked", "a live appointment without its time"
        elif one["cancelled_at"] is not None:
            assert one["cancelled_at"] < one["start_at"], "B8: cancelled after its start"
    _clients(practice, live)


def _no_overlap(spans: list[tuple[str, int, int]], name: str) -> None:
    spans.sort()
    for (whose, _, end), (next_whose, start, _) in pairwise(spans):
        assert whose != next_whose or start >= end, f"{name}: overlap of {whose}"


def _clients(practice: Practice, live: list[dict[str, Any]]) -> None:
    now = practice.now()
    holding = Counter(
        c["hold_client_id"]
        for c in all_rows(practice, Claim)
        if c["state"] == "held" and c["hold_until"] > now
    )
    ahead = Counter(
        a["client_id"]
        for a in live
        if a["kind"] == "initial" and a["state"] == "booked" and a["start_at"] > now
    )
    for client in by_key(practice, Client):
        assert holding[client] <= 1, "B3: two holds"
        assert ahead[client] + holding[client] <= 3, "B5: more than three ahead"
    for one in live:
        if one["kind"] != "initial":
            continue
        # Only a follow-up may lie over something, and only if it was booked later (B3, C3), or
        # what its therapist has moved there (M10).
        for two in live:
            if two["id"] != one["id"] and two["client_id"] == one["client_id"]:
                clash = one["start_at"] < two["end_at"] and two["start_at"] < one["end_at"]
                later = two["kind"] == "follow_up" and two["booked_at"] >= one["booked_at"]
                moved = one["moved_at"] is not None or two["moved_at"] is not None
                assert not clash or later or moved, "C3: a client booked over their own session"


# --- money


def always_money(practice: Practice, stripe: FakeStripe) -> None:
    """M2–M5 and M8 at any instant, whatever was lost or repeated."""
    appointments = by_key(practice, Appointment)
    therapists, clients = by_key(practice, Therapist), by_key(practice, Client)
    begun = {one["id"]: one["created_at"] for one in all_rows(practice, Intent)}
    for one in appointments.values():
        gross, refunded = stripe.gross(one["id"]), stripe.refunded(one["id"])
        assert len(stripe.taken(one["id"])) <= 1, "M3: taken twice"
        assert gross in (0, one["fee"]), "M3: another sum than the fee"
        assert refunded in (0, gross), "M4: a part given back, or more than was taken"
        for taken in stripe.taken(one["id"]):
            due = max(one["booked_at"], free_until(one)) + GRACE
            assert taken.taken_at is not None
            # What was begun before a move stays, though the new T lies ahead (M10).
            before = one["moved_at"] is not None and begun[taken.name] <= one["moved_at"]
            assert before or taken.taken_at >= due, "M2: charged too early"
            free = one["state"] == "cancelled_by_client"
            free = free and one["cancelled_at"] <= one["free_until"]
            assert before or not free, "M5: a free cancellation was charged"
        if one["fee"] == 0:
            mine = [i for i in stripe.intents.values() if i.appointment == one["id"]]
            assert not mine, "M1: a free session has a Stripe object"
    _ledger_is_at_stripe(practice, stripe, appointments, therapists, clients)
    _one_intent_at_a_time(practice, stripe)
    for (about, _, code), tries in stripe.declined.items():
        rounds = 1 + appointments[about]["sequence"]
        assert tries <= rounds * MOST_TRIES[code in SOFT], "M6: blind retries"


def _ledger_is_at_stripe(
    practice: Practice,
    stripe: FakeStripe,
    appointments: dict[str, dict[str, Any]],
    therapists: dict[str, dict[str, Any]],
    clients: dict[str, dict[str, Any]],
) -> None:
    for entry in all_rows(practice, Ledger):
        about = appointments[entry["appointment_id"]]
        assert entry["therapist_id"] == about["therapist_id"], "M8: another therapist"
        assert entry["client_id"] == about["client_id"], "M8: another client"
        if entry["kind"] == "charge":
            found = stripe.intents[entry["stripe_id"]]
            assert found.status == "succeeded", "M8: a charge that Stripe does not have"
            assert found.amount == entry["amount"], "M8: another amount"
            assert found.customer == clients[about["client_id"]]["customer"], "M8: customer"
            assert found.appointment == about["id"], "M8: appointment"
        elif entry["undoes"]:
            made, _, how = entry["stripe_id"].partition(":")
            assert (how, stripe.refunds[made].status) == ("failed", "failed"), "M8: undone"
        else:
            refund = stripe.refunds[entry["stripe_id"]]
            assert refund.amount == entry["amount"], "M8: another refund"
            assert refund.status == "succeeded", "M8: a refund that did not happen"
    for found in stripe.intents.values():
        assert found.appointment in appointments, "M8: money without an appointment"
        assert found.account in {t["account"] for t in therapists.values()}, "M8: account"


def _one_intent_at_a_time(practice: Practice, stripe: FakeStripe) -> None:
    """At most one PaymentIntent of an appointment can still take money (M5).

    One whose making was never answered may lie there too, but nobody knows its id to confirm it.
    """
    known = {one["stripe_id"] for one in all_rows(practice, Intent) if one["stripe_id"]}
    alive = Counter(
        found.appointment
        for found in stripe.intents.values()
        if found.id in known and found.status in OPEN
    )
    assert all(count == 1 for count in alive.values()), "M5: two intents that can take money"


def settled_money(practice: Practice, stripe: FakeStripe) -> None:
    """M6–M8 and M10, once nothing is due any more."""
    payments = by_key(practice, Payment, "appointment_id")
    ledger: Counter[str] = Counter()
    for entry in all_rows(practice, Ledger):
        sign = 1 if (entry["kind"] == "charge") != bool(entry["undoes"]) else -1
        ledger[entry["appointment_id"]] += sign * entry["amount"]
    for one in all_rows(practice, Appointment):
        payment = payments[one["id"]]
        net = stripe.gross(one["id"]) - stripe.refunded(one["id"])
        due = owed(one, practice.now(), waived=payment["waived_at"] is not None)
        assert ledger[one["id"]] == net, f"M8: the ledger says {ledger[one['id']]}, Stripe {net}"
        assert payment["holder"] is None, "D3: a payment is still held"
        assert net <= due, "M6: more was taken than is owed"
        if net < due:
            assert payment["status"] in ("failed", "needs_approval"), "M6: unpaid without a word"
            _failure_was_told(practice, one["id"])
        if one["state"] == "cancelled_by_therapist":
            assert net == 0, "M7: the therapist cancelled and the client paid"
    assert not [a for a in all_rows(practice, Attempt) if a["outcome"] == "unknown"], "D3: doubt"
    open_refunds = [r for r in all_rows(practice, Refund) if r["state"] in ("asked", "pending")]
    assert not open_refunds, "D3: a refund is still under way"


def _failure_was_told(practice: Practice, appointment_id: str) -> None:
    told = {
        (n["event"], n["party"])
        for n in all_rows(practice, Notice)
        if n["appointment_id"] == appointment_id
    }
    failure = {("charge_failed", "client"), ("approval_needed", "client"),
               ("account_refused", "therapist")}  # fmt: skip
    assert told & failure, "M10: a failure nobody was told of"


# --- notices


def always_notices(practice: Practice) -> None:
    """N1 and N3: one notice an event, person and channel, and none of what did not happen."""
    appointments = by_key(practice, Appointment)
    notices = all_rows(practice, Notice)
    once = ("booked", "cancelled", "waived", "no_show", "absence_reported", "absence_answered")
    kinds = Counter(
        (n["appointment_id"], n["event"], n["party"], n["channel"])
        for n in notices
        if n["event"] in once
    )
    kinds += Counter(
        (n["appointment_id"], n["party"], n["channel"], json.loads(n["facts"])["start"])
        for n in notices
        if n["event"] == "reminder"
    )
    assert all(count == 1 for count in kinds.values()), "N1: an event told twice"
    _moves(practice, notices)
    for one in appointments.values():
        mine = {(n["event"], n["party"]) for n in notices if n["appointment_id"] == one["id"]}
        assert {("booked", "client"), ("booked", "therapist")} <= mine, "N1: booked, not told"
        cancelled = ("cancelled", "client") in mine and ("cancelled", "therapist") in mine
        assert cancelled == (one["state"] not in LIVE), "N3: cancelled, not told"
    for n in notices:
        about = appointments.get(n["appointment_id"] or "")
        if about is not None and n["party"] != "team":
            whose = about["client_id"] if n["party"] == "client" else about["therapist_id"]
            assert n["person_id"] == whose, "N5: a notice for somebody else"
        if n["event"] == "reminder":
            start = json.loads(n["facts"])["start"]
            assert n["created_at"] < start, "N3: reminded after the start"


def _moves(practice: Practice, notices: list[dict[str, Any]]) -> None:
    """N3a: each move is told to both, once a channel."""
    moves = Counter(a["thing_id"] for a in all_rows(practice, Audit) if a["act"] == "move")
    told = Counter(
        (n["appointment_id"], n["party"], n["channel"]) for n in notices if n["event"] == "moved"
    )
    for about, times in moves.items():
        mine = {key: count for key, count in told.items() if key[0] == about}
        assert all(count <= times for count in mine.values()), "N3a: a move told twice"
        assert mine[about, "therapist", "email"] == times, "N3a: a move not told"
        client = sum(count for key, count in mine.items() if key[1] == "client")
        assert client >= times, "N3a: a move not told to the client"
    assert {key[0] for key in told} <= set(moves), "N1: told of no move"
