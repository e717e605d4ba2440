"""The whole story of one payment in at most five lines of plain words (M1–M10, K1).

Whoever hears it read out knows how much, for what, by which rule, and when each thing happened.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from helpspace.core import policy
from helpspace.core.actors import Actor
from helpspace.core.appointments import owed_now, payment_word
from helpspace.core.moments import HOUR, MINUTE, pounds, show, zone_word
from helpspace.core.payments import story
from helpspace.core.payments.story import Facts, StoryStep
from helpspace.core.payments.tries import ENDED_AT_STRIPE, NOT_APPROVED, SOFT, STOPPED
from helpspace.core.policy import AFTERTHOUGHT, Party, State
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Attempt

MOST_LINES = 5

RULES = {
    "B3a": "booked within the last 48 hours, a session is charged at once, a follow-up after 2 h",
    "B7": "a follow-up without a card stands, and the client is asked for one",
    "M1": "the whole fee is taken once the free time is over, 48 hours before the start",
    "M2": "a client who cancels in time pays nothing, later the whole fee",
    "M2a": "a charge begins at least a minute after the free time",
    "M3": "when the therapist cancels, the client pays nothing and gets everything back",
    "M5": "a fee is taken once at most, and given back once at most",
    "M5a": "what is owed and what was taken are compared again and again",
    "M6": "a declined card is tried again 24 and 12 hours before the start; the fee stays owed",
    "M6a": "what the therapist's account refuses is no fault of the client",
    "M7": "the money goes to the therapist, less the platform's commission",
    "M9": "the therapist may waive a fee; without it a session not attended is charged",
    "D5": "what a restored store cannot be sure of waits for the team",
    "M10": "a moved session keeps its payment; the therapist's own move opens a new free time",
}
"""The rules that a story names, in a few words."""

_NO_CARD = {
    "no_card": "there is no card on record",
    "card_unusable": "the card on record can no longer be used",
    "expired_card": "the card on record has expired",
}


_STOPPED = "nothing is charged to this client by itself while a dispute is looked into"


@dataclass(frozen=True, slots=True)
class Story:
    """One payment explained to one reader: lines to read out, and the steps behind them."""

    appointment_id: str
    payment: str
    fee_pence: int
    owed_pence: int
    paid_pence: int
    lines: tuple[str, ...]
    steps: tuple[StoryStep, ...]


def explain(practice: Practice, actor: Actor, named: str, *, zone: str | None = None) -> Story:
    """Explain the payment that an appointment's, a payment's or a refund's id names.

    For its client, its therapist or the team; times are in the reader's zone unless one is given.
    """
    with practice.reading() as view:
        facts = story.read(view, actor, named, zone)
    row, payment = facts.row, facts.payment
    back = sum(one.refunded_pence + one.disputed_pence for one in facts.moved)
    return Story(
        appointment_id=row.id,
        payment=payment_word(row, payment, facts.now),
        fee_pence=row.fee,
        owed_pence=owed_now(row, payment, facts.now),
        paid_pence=sum(one.gross_pence for one in facts.moved) - back,
        lines=tuple(_lines(facts)),
        steps=story.steps(facts),
    )


def _lines(facts: Facts) -> list[str]:
    if facts.row.fee == 0:
        free = "It is free of charge: no card is needed and no money moves (rules M1, B6)."
        return [_about(facts), free]
    middle = [part for part in (_tried(facts), _decided(facts)) if part is not None]
    middle.sort(key=lambda part: part[0])
    told = [_about(facts), _booked(facts), *(words for _, words in middle), _stands(facts)]
    return [line for line in told if line is not None]


def _at(facts: Facts, instant: int) -> str:
    return show(instant, facts.zone, reference=facts.now)


def _fee(facts: Facts) -> str:
    return pounds(facts.row.fee)


def _about(facts: Facts) -> str:
    which = "first session" if story.is_first(facts) else "session"
    what = f"The {which}" if facts.row.fee == 0 else f"{_fee(facts)} for the {which}"
    whom = f"appointment {facts.row.id}" if facts.reader == "team" else f"with {facts.name or '—'}"
    when = f"{_at(facts, facts.row.start_at)} ({zone_word(facts.zone)})"
    return f"{what} on {when}, {whom}."


def _booked(facts: Facts) -> str:
    row = facts.row
    booked = f"Booked by the {row.booked_by} on {_at(facts, row.booked_at)}"
    until = _at(facts, row.free_until)
    if row.moved_at is not None:
        moved = f"{booked}, moved on {_at(facts, row.moved_at)} at the {row.moved_for}'s request"
        if row.free_until <= row.moved_at:
            return f"{moved}, which opened no new free time; that had ended {until} (rule M10)."
        return f"{moved}; free to cancel until {until} (rule M10)."
    if story.booking_rule(facts) == "M1":
        return f"{booked}; free to cancel until {until}, 48 hours before the start (rule M1)."
    if row.free_until <= row.booked_at:
        return (
            f"{booked}, less than 48 hours ahead: charged at once, no free cancellation, "
            "as the button that booked it said (rule B3a)."
        )
    late = f"{booked}, less than 48 hours ahead: free to cancel for {AFTERTHOUGHT // HOUR} hours"
    return f"{late}, until {until} (rule B3a)."


def _decided(facts: Facts) -> tuple[int, str] | None:
    """Say what decided whether the fee is owed, and when."""
    row = facts.row
    if row.cancelled_at is not None:
        return row.cancelled_at, _cancelled(facts, row.cancelled_at)
    if facts.state is State.NO_SHOW:
        marked = facts.acts.get("no_show")
        at = row.end_at if marked is None else marked.at
        told = f"Marked on {_at(facts, at)} that the client did not come: the fee stands (rule M9)."
        return at, told
    if row.taken and facts.now <= row.free_until:
        words = "It was paid before the move and stays so, unless the client cancels in time"
        return row.moved_at or row.booked_at, f"{words} (rule M10)."
    if facts.now <= row.free_until or row.taken:
        return None
    if row.free_until <= row.booked_at:
        return row.free_until, "The whole fee was due at once (rule B3a)."
    return row.free_until, "Nobody cancelled by then, so the whole fee was due (rule M1)."


def _cancelled(facts: Facts, at: int) -> str:
    when = _at(facts, at)
    rule = story.cancel_rule(facts)
    taken = facts.charged is not None and facts.charged.at <= at
    if rule == "M3":
        back = "everything goes back" if taken else "the client owes nothing"
        return f"Cancelled by the therapist on {when}: {back} (rule M3)."
    if rule == "M10":
        return (
            f"Cancelled by the client on {when}, in time after its move: all goes back (rule M10)."
        )
    if not policy.cancelling(Party.CLIENT, at, facts.terms, 0).late:
        return f"Cancelled by the client on {when}, in time: nothing is owed (rule M2)."
    stays = "the whole fee stays paid" if taken else "the whole fee is owed"
    return f"Cancelled by the client on {when}, {_how_late(facts, at)}: {stays} (rule M2)."


def _how_late(facts: Facts, at: int) -> str:
    """Say that a cancellation came too late; by how much, where both moments look the same."""
    late = at - facts.row.free_until
    if at // MINUTE != facts.row.free_until // MINUTE:
        return "after the free time"
    return f"{late} second{'' if late == 1 else 's'} after the free time"


def _tried(facts: Facts) -> tuple[int, str] | None:
    """Say what was tried and what came of it, and when it began."""
    refused = [one for one in facts.tries if one.outcome in ("declined", "approval", "account")]
    charged = facts.charged
    if not refused:
        return None if charged is None else (charged.at, _taken(facts))
    said = _refused(facts, refused)
    if charged is not None:
        said = f"{said}; {_fee(facts)} was taken on {_at(facts, charged.at)} (rule M6)"
    return refused[0].started_at if charged is None else charged.at, f"{said}."


def _taken(facts: Facts) -> str:
    charged = facts.charged
    assert charged is not None  # noqa: S101 - asked by whoever calls
    words = f"{_fee(facts)} was taken from the card on {_at(facts, charged.at)}"
    if charged.commission_pence and facts.reader != Party.CLIENT:
        kept = pounds(charged.commission_pence)
        return f"{words} and passed on to the therapist, less {kept} commission (rule M7)."
    return f"{words} and passed on to the therapist (rule M7)."


def _refused(facts: Facts, tries: list[Attempt]) -> str:
    last = tries[-1]
    at = _at(facts, last.started_at)
    if last.outcome == "approval":
        return f"The client's bank asked on {at} that the client approves it"
    if last.code == NOT_APPROVED:
        return f"The client was asked on {at} to approve it at the bank, and did not"
    same = [one for one in tries if one.outcome == last.outcome and one.code != NOT_APPROVED]
    if last.outcome == "account":
        when = f"on {at}"
        if len(same) > 1:
            when = f"from {_at(facts, same[0].started_at)} to {at}"
        if facts.reader == Party.CLIENT:
            return f"It could not be taken {when}, through no fault of your card (rule M6a)"
        return f"The therapist's account could not take it {when} (rule M6a)"
    why = facts.why(last.code)
    because = f", because {why}" if why else ""
    times = "Declined" if len(same) == 1 else f"Declined {len(same)} times, last"
    return f"{times} on {at}{because}"


def _stands(facts: Facts) -> str | None:
    """Say where the money stands now, and what comes next."""
    word = payment_word(facts.row, facts.payment, facts.now)
    told: dict[str, Callable[[Facts], str | None]] = {
        "scheduled": _scheduled,
        "due": _due,
        "processing": _processing,
        "paid": _won,
        "needs_approval": _needs_approval,
        "failed": _failed,
        "waived": _waived,
        "refunding": _refunding,
        "refunded": _refunded,
        "disputed": _disputed,
    }
    return told[word](facts) if word in told else None


def _scheduled(facts: Facts) -> str:
    when = f"{_fee(facts)} is taken on {_at(facts, policy.charge_from(facts.terms))} (rule M2a)"
    if facts.stopped:
        return f"Nothing has been taken yet: {when}, but {_STOPPED}."
    if facts.card == "ok":
        return f"Nothing has been taken yet: {when}."
    lacks = "no card is on record" if facts.card == "missing" else "the card has expired"
    asked = "the client is asked for one (rule B7)"
    return f"Nothing has been taken yet: {when}, but {lacks} and {asked}."


def _due(facts: Facts) -> str:
    start = max(policy.charge_from(facts.terms), facts.now)
    return f"{_fee(facts)} is owed and is taken from {_at(facts, start)} on (rule M2a)."


def _processing(facts: Facts) -> str:
    since = _at(facts, facts.tries[-1].started_at if facts.tries else facts.now)
    return f"{_fee(facts)} is being taken since {since}: the bank has not answered yet (rule M5)."


def _needs_approval(facts: Facts) -> str:
    return (
        f"{_fee(facts)} is owed: nothing more is tried by itself, until the client approves it "
        "at the bank or gives another card (rule M6)."
    )


def _failed(facts: Facts) -> str:
    fee, reason, start = _fee(facts), facts.payment.reason or "", facts.row.start_at
    if reason.startswith("account:"):
        return _account(facts)
    if reason == STOPPED:
        return f"{fee} is owed: {_STOPPED}; the client can pay it themselves."
    if reason == ENDED_AT_STRIPE:
        why = "its payment was ended after the backup that is in use now"
        return f"{fee} is owed, but {why}: nothing is tried until the team says so (rule D5)."
    lacks = _NO_CARD.get(reason)
    if lacks is not None:
        return f"{fee} is owed: {lacks}; it is taken as soon as there is another (rule M6)."
    if facts.payment.asked_at is not None:
        return f"{fee} is owed: it is tried once more within minutes, as the team asked (rule M6)."
    if facts.now >= start:
        return f"{fee} is still owed, until it is paid or waived (rule M6)."
    if not facts.tries:
        return f"{fee} is owed, but nothing is tried until the team has looked at it (rule M6)."
    if facts.tries[-1].code in SOFT:
        again = policy.retry_after(facts.now, start)
        if again is not None:
            soon = f"tried again on {_at(facts, again)}, or at once with another card"
            return f"{fee} is owed: {soon} (rule M6)."
    never = "this card is not tried again by itself, another one is at once"
    return f"{fee} is owed: {never} (rule M6)."


def _account(facts: Facts) -> str:
    fee, at = _fee(facts), facts.payment.next_at
    again = "every hour" if at is None else f"next on {_at(facts, at)}"
    if facts.reader == Party.CLIENT:
        calm = "through no fault of yours; there is nothing to do"
        return f"{fee} cannot be taken now, {calm} (rule M6a)."
    return (
        f"{fee} waits for the therapist's account, no fault of the client: tried {again}, "
        "and waived if it cannot take money by the start (rule M6a)."
    )


def _waived(facts: Facts) -> str:
    at = _at(facts, facts.payment.waived_at or facts.now)
    if facts.waived_by != "system":
        return (
            f"Waived by the {facts.waived_by} on {at}{_absent(facts)}: nothing is owed (rule M9)."
        )
    why = "since the therapist's account could not take it by the start"
    if facts.reader == Party.CLIENT:
        why = "since it could not be taken, through no fault of yours"
    return f"Waived on {at}, {why}: nothing is owed (rule M6a)."


def _refunding(facts: Facts) -> str:
    fee, rule = _fee(facts), story.refund_rule(facts)
    last = facts.refunds[-1] if facts.refunds else None
    if last is not None and last.state == "failed":
        when = _at(facts, last.ended_at or last.created_at)
        other = "the team gives it back another way"
        said = f"The refund of {fee} failed on {when}: {other} (rule {rule})."
    else:
        when = _at(facts, facts.now if last is None else last.created_at)
        said = f"{fee} is on its way back to the card since {when} (rule {rule})."
    return _because(facts) + said


def _refunded(facts: Facts) -> str:
    back = facts.given_back
    when = _at(facts, facts.now if back is None else back.at)
    rule = story.refund_rule(facts)
    given = f"{_fee(facts)} was given back to the card in full on {when} (rule {rule})."
    owes = " The therapist's account still owes it to the platform."
    return _because(facts) + given + (owes if facts.account_owes else "")


def _because(facts: Facts) -> str:
    """Say who waived a fee that had been paid, before what became of it."""
    if facts.payment.waived_at is None:
        return ""
    at = _at(facts, facts.payment.waived_at)
    return f"Waived by the {facts.waived_by} on {at}{_absent(facts)}. "


def _absent(facts: Facts) -> str:
    """Say that a fee was waived because the therapist did not come (M9)."""
    agreed = facts.absence is not None and facts.absence.state == "agreed"
    return ", since the therapist did not come" if agreed else ""


def _won(facts: Facts) -> str | None:
    """Say that a dispute of what is paid came to nothing."""
    back = next((one for one in facts.moved if one.disputed_pence < 0), None)
    if back is None:
        return None
    at = _at(facts, back.at)
    return (
        f"The client's bank had taken it back (a dispute) and returned it on {at}: it stays paid."
    )


def _disputed(facts: Facts) -> str:
    fee, row = _fee(facts), facts.dispute
    taken = next((one for one in facts.moved if one.disputed_pence > 0), None)
    asked = "" if row is None else f" since {_at(facts, row.created_at)}"
    if taken is not None:
        said = f"The client's bank took {fee} back on {_at(facts, taken.at)} (a dispute)"
    else:
        said = f"The client's bank asks for {fee} back{asked} (a dispute)"
    if row is not None and row.status == "lost":
        return f"{said}, and that is decided: it is not charged again."
    more = "nothing more is charged to this client by itself until the team says so"
    return f"{said}: {more}."
