"""What each of Stripe's answers means for a case, written down in the commit that hears it."""

from __future__ import annotations

from helpspace.core.moments import MINUTE
from helpspace.core.notices import Event
from helpspace.core.payments.case import LAST_WORD, Case
from helpspace.core.payments.steps import (
    AccountRefused,
    AlreadySo,
    Answer,
    ApprovalNeeded,
    Declined,
    FindIntent,
    IntentSeen,
    MakeIntent,
    NoAnswer,
    NotThere,
    RefundSeen,
    RefundsSeen,
    Step,
)
from helpspace.core.policy import Party, State
from helpspace.core.store.tables import Refund

MOST_WAIT = 10 * MINUTE

REPEATED_FOR = 10 * MINUTE
"""How long a confirmation of unknown fate is repeated under its key, far shorter than keys live."""


def apply(case: Case, step: Step, answer: Answer) -> bool:
    """Record an answer; False when the case rests with it and this pass is over."""
    if isinstance(answer, NoAnswer):
        _no_answer(case, answer)
        return False
    case.set(faults=0)
    if isinstance(answer, IntentSeen):
        return _intent_seen(case, answer)
    if isinstance(answer, RefundSeen):
        return _refund_seen(case, answer)
    if isinstance(answer, RefundsSeen):
        return _refunds_seen(case, answer)
    if isinstance(answer, Declined):
        return _declined(case, answer)
    if isinstance(answer, ApprovalNeeded):
        return _approval(case)
    if isinstance(answer, AccountRefused):
        from helpspace.core.payments.settle import account_refused  # noqa: PLC0415

        case.end_attempt("account", answer.code)
        if isinstance(step, MakeIntent):
            # Refused outright, so never made; its key would repeat the refusal for a day.
            case.set_intent(state="canceled")
        account_refused(case, answer.code)
        return False
    if isinstance(answer, NotThere):
        return _not_there(case, step)
    return _already_so(case, answer)


def _no_answer(case: Case, answer: NoAnswer) -> None:
    """The effect is unknown: nothing is concluded, and the next pass looks before it acts (M5)."""
    case.set(faults=case.payment.faults + 1)
    gap = answer.wait if answer.wait is not None else min(5 * 2**case.payment.faults, MOST_WAIT)
    case.rest(case.now + gap)


def _intent_seen(case: Case, seen: IntentSeen) -> bool:
    intent = case.the_intent
    if intent.state == "asked":
        case.set_intent(stripe_id=seen.stripe_id, state="open")
    if seen.status == "succeeded":
        _paid(case, seen)
    elif seen.status == "canceled":
        case.end_attempt("void")
        case.set_intent(state="canceled")
        case.intent = case.attempt = case.refund = None
    elif seen.status == "processing":
        case.rest(case.now + MINUTE, "processing")
        return False
    elif seen.status == "requires_action":
        return _approval(case)
    elif seen.status == "requires_confirmation":
        case.end_attempt("void")
    elif seen.status == "requires_payment_method" and case.attempt is not None:
        return _read_back_as_unpaid(case, seen)
    return True


def _read_back_as_unpaid(case: Case, seen: IntentSeen) -> bool:
    """A confirmation whose answer was lost turns out to have been declined, or never made.

    The intent may still show why an earlier one was declined. Then the last one is repeated under
    its own key, which tells its answer or makes it now; once that is too late, another card than
    the one declined is tried afresh, and of the same card the worse is supposed.
    """
    attempt = case.attempt
    if attempt is None or attempt.outcome != "unknown":
        return True
    earlier = case.earlier_refusal()
    if earlier is not None and earlier.code == seen.code:
        fresh = case.now - attempt.started_at < REPEATED_FOR and case.payment.reason is None
        if fresh and attempt.card == case.client.card:
            case.again = True
            return True
        if earlier.card != attempt.card:
            case.end_attempt("void")
            return True
    if seen.code is None:
        case.end_attempt("void")
        return True
    if seen.code == "authentication_required":
        return _approval(case)
    return _declined(case, Declined(seen.code, seen.advice))


def _paid(case: Case, seen: IntentSeen) -> None:
    intent = case.the_intent
    case.end_attempt("paid")
    case.set_intent(state="succeeded")
    case.set(status="paid", reason=None)
    if case.book_money("charge", intent.amount, intent.commission, seen.stripe_id):
        case.tell(Event.CHARGED, case.appointment.id, Party.CLIENT, amount=intent.amount)


def _declined(case: Case, answer: Declined) -> bool:
    case.end_attempt("declined", answer.code)
    if case.owed == 0:
        # Cancelled while the call was under way: nobody is told of a failure that costs nothing.
        return True
    unpaid(case, "failed", answer.code, once=_attempt_id(case))
    return False


def _approval(case: Case) -> bool:
    """The bank asks for the client: its own state, and no blind retries (M6)."""
    case.end_attempt("approval", "authentication_required")
    if case.owed == 0:
        return True
    case.tell(Event.APPROVAL_NEEDED, _attempt_id(case), Party.CLIENT)
    if case.may_try():
        # With another card since then.
        return True
    _rest_unpaid(case, "needs_approval", "authentication_required")
    return False


def _attempt_id(case: Case) -> str:
    return case.appointment.id if case.attempt is None else case.attempt.id


def unpaid(case: Case, status: str, reason: str | None, *, once: str | None = None) -> None:
    """Rest with an unpaid fee; with `once` the client hears of this failure, the therapist of the
    first (N4, M6)."""
    if once is not None:
        case.tell(Event.CHARGE_FAILED, once, Party.CLIENT, code=reason)
        case.tell(Event.CHARGE_FAILED, case.appointment.id, Party.THERAPIST, code=reason)
    _rest_unpaid(case, status, reason)


def _rest_unpaid(case: Case, status: str, reason: str | None) -> None:
    start, state = case.appointment.start_at, State(case.appointment.state)
    if state.live and start - LAST_WORD <= case.now < start:
        once = f"last:{case.appointment.id}:{start}"
        case.tell(Event.CHARGE_FAILED, once, Party.CLIENT, Party.THERAPIST, code=reason, last=True)
    case.rest(case.ladder(), status, reason)


def _refund_seen(case: Case, seen: RefundSeen) -> bool:
    refund = case.refund
    if refund is None:
        return True
    ends = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}
    state = ends.get(seen.status, "pending")
    values = {
        "stripe_id": seen.stripe_id,
        "state": state,
        "ended_at": None if state == "pending" else case.now,
    }
    case.tx.run(Refund.update(**values).where(Refund.id == refund.id))
    for name, value in values.items():
        setattr(refund, name, value)
    if state == "succeeded":
        if case.book_money("refund", refund.amount, refund.commission, seen.stripe_id):
            case.tell(Event.REFUNDED, case.appointment.id, Party.CLIENT, amount=refund.amount)
    elif state == "pending":
        case.rest(case.now + 60 * MINUTE, "refunding")
        return False
    return True


def _refunds_seen(case: Case, seen: RefundsSeen) -> bool:
    """Adopt the refund that Stripe has for this intent, if it has one."""
    whole = [r for r in seen.refunds if r.amount == case.the_intent.amount]
    alive = [r for r in whole if r.status not in ("failed", "canceled")]
    found = alive or whole
    return _refund_seen(case, found[0]) if found else True


def _not_there(case: Case, step: Step) -> bool:
    if isinstance(step, FindIntent):
        # Older than any key and not among the customer's: it was never made.
        case.set_intent(state="canceled")
        case.intent = case.attempt = None
        return True
    if isinstance(step, MakeIntent):
        case.set_intent(state="canceled")
    case.end_attempt("void")
    unpaid(case, "failed", "not_at_stripe", once=_attempt_id(case))
    return False


def _already_so(case: Case, answer: AlreadySo) -> bool:
    """A look or a making was refused by some state: the next pass looks again first."""
    case.set(reason=answer.code[:60], faults=case.payment.faults + 1)
    case.rest(case.now + min(2**case.payment.faults, MOST_WAIT))
    return False
