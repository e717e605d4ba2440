"""What each of Stripe's answers means for a case, written down in the commit that hears it."""

from __future__ import annotations

from helpspace.core.moments import MINUTE
from helpspace.core.notices import Event
from helpspace.core.payments.case import LAST_WORD, Case
from helpspace.core.payments.giving_back import refund_seen, refunds_seen
from helpspace.core.payments.steps import (
    AccountRefused,
    AlreadySo,
    Answer,
    ApprovalNeeded,
    ConfirmIntent,
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
from helpspace.core.payments.tries import APPROVAL, LOOK_EVERY, NOT_APPROVED, approval_is_open
from helpspace.core.policy import Party, State
from helpspace.core.skew import MOST_SKEW
from helpspace.core.store.tables import Attempt

MOST_WAIT = 10 * MINUTE

SAME_PAGE = MINUTE
"""How long a further tap is given the bank's page that is there, not a fresh one."""

REPEATED_FOR = 10 * MINUTE
"""How long a confirmation of unknown fate is repeated under its key, far shorter than keys live."""


def apply(case: Case, step: Step, answer: Answer) -> bool:
    """Record an answer; False when the case rests with it and this pass is over."""
    if isinstance(answer, NoAnswer):
        _no_answer(case, answer)
        return False
    case.set(faults=0)
    if isinstance(answer, IntentSeen):
        if answer.status == "requires_action":
            return _bank_asks(case, answer, confirmed=isinstance(step, ConfirmIntent))
        return _intent_seen(case, answer)
    if isinstance(answer, RefundSeen):
        return refund_seen(case, answer)
    if isinstance(answer, RefundsSeen):
        return refunds_seen(case, answer)
    if isinstance(answer, Declined):
        return _declined(case, answer)
    if isinstance(answer, ApprovalNeeded):
        return _approval(case)
    if isinstance(answer, AccountRefused):
        from helpspace.core.payments.settle import account_refused  # noqa: PLC0415 - a circle

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
    elif seen.status == "requires_confirmation":
        case.end_attempt("void")
    elif seen.status == "requires_payment_method" and case.attempt is not None:
        return _read_back_as_unpaid(case, seen)
    return True


def _read_back_as_unpaid(case: Case, seen: IntentSeen) -> bool:
    """A confirmation whose answer was lost turns out to have been declined, or never made.

    The intent may still show why an earlier one was declined. Then the last one is repeated under
    its own key, which tells its answer or makes it now. Once that is too late, it is tried afresh
    where another card was declined or Stripe tried the card last long before, else the worse is
    supposed: two tries of one card lie close together. A client who taps
    again does not wait so long: one intent takes money once, under whatever key.
    """
    attempt = case.attempt
    if attempt is not None and approval_is_open(attempt):
        return _not_approved(case, seen)
    if attempt is None or attempt.outcome != "unknown":
        return True
    earlier = case.earlier_refusal()
    if earlier is not None and earlier.code == seen.code:
        fresh = case.now - attempt.started_at < REPEATED_FOR and case.payment.reason is None
        tapped = case.return_url is not None and case.now >= attempt.started_at + SAME_PAGE
        if fresh and attempt.card == case.client.card and not tapped:
            case.again = True
            return True
        if earlier.card != attempt.card or tapped or _tried_before(seen, attempt):
            case.end_attempt("void")
            return True
    # The bank asks for the client only where they are not there.
    asked_before = attempt.return_url is not None and seen.code == "authentication_required"
    if seen.code is None or asked_before:
        case.end_attempt("void")
        return True
    if seen.code == "authentication_required":
        return _approval(case)
    return _declined(case, Declined(seen.code, seen.advice))


def _tried_before(seen: IntentSeen, attempt: Attempt) -> bool:
    """Say whether Stripe tried a card last before this confirmation was begun, by any clock."""
    return seen.tried_at is not None and seen.tried_at < attempt.started_at - MOST_SKEW


def _paid(case: Case, seen: IntentSeen) -> None:
    intent = case.the_intent
    case.end_attempt("paid")
    case.set_intent(state="succeeded")
    case.set(status="paid", reason=None)
    case.keep_if_moved()
    if case.book_money("charge", intent.amount, intent.commission, seen.stripe_id):
        case.tell(Event.CHARGED, case.appointment.id, Party.CLIENT, amount=intent.amount)


def _declined(case: Case, answer: Declined) -> bool:
    case.end_attempt("declined", answer.code)
    if case.owed == 0:
        # Cancelled while the call was under way: nobody is told of a failure that costs nothing.
        return True
    unpaid(case, "failed", answer.code, once=_attempt_id(case))
    if case.other_card:
        # Put on record while this one was tried: it has its turn at once.
        case.rest(case.now)
    return False


def _bank_asks(case: Case, seen: IntentSeen, *, confirmed: bool) -> bool:
    """The bank's page waits for the client; only one whose tap this is can be given it (M6).

    A second tap, or one whose answer was lost, gets the page that is there; a page that was left a
    while ago is replaced by a fresh one.
    """
    attempt = case.attempt
    if attempt is None or attempt.return_url is None:
        return _approval(case)
    case.end_attempt("approval", "authentication_required", ended=False)
    if case.owed == 0 or case.other_card:
        return True
    recent = seen.bank_page is not None and case.now < attempt.started_at + SAME_PAGE
    if case.return_url is not None and not confirmed and not recent:
        return True
    if case.return_url is None and not case.approving:
        # Left for good: things stand as they stood before it, and the ladder goes on.
        return True
    _rest_unpaid(case, "needs_approval", "authentication_required")
    return False


def _not_approved(case: Case, seen: IntentSeen) -> bool:
    """The bank's page came to its end without a payment: not approved, or declined after it."""
    code = seen.code
    if code in (None, "authentication_required", NOT_APPROVED):
        case.end_attempt("declined", NOT_APPROVED)
        if case.owed > 0:
            case.tell(Event.CHARGE_FAILED, _attempt_id(case), Party.CLIENT, code=NOT_APPROVED)
            case.set(status="needs_approval", reason=NOT_APPROVED)
        return True
    return _declined(case, Declined(str(code), seen.advice))


def _approval(case: Case) -> bool:
    """The bank asks for the client: its own state, and no blind retries (M6)."""
    case.end_attempt("approval", "authentication_required")
    if case.owed == 0:
        return True
    case.tell(Event.APPROVAL_NEEDED, _attempt_id(case), Party.CLIENT)
    if case.other_card:
        # Put on record since then.
        return True
    _rest_unpaid(case, "needs_approval", "authentication_required")
    return False


def _attempt_id(case: Case) -> str:
    return case.appointment.id if case.attempt is None else case.attempt.id


def unpaid(case: Case, status: str, reason: str | None, *, once: str | None = None) -> None:
    """Rest with an unpaid fee; with `once` the client hears of this failure, the therapist of the
    first (N4, M6)."""
    if once is not None and not (_in_last_hour(case) and not case.was_told(last=True)):
        case.tell(Event.CHARGE_FAILED, once, Party.CLIENT, code=reason)
        if not case.was_told():
            case.tell(Event.CHARGE_FAILED, case.appointment.id, Party.THERAPIST, code=reason)
    _rest_unpaid(case, status, reason)


def _in_last_hour(case: Case) -> bool:
    """Say whether the therapist decides now: a failure is told as the last word at once (M6)."""
    start = case.appointment.start_at
    return State(case.appointment.state).live and start - LAST_WORD <= case.now < start


def _rest_unpaid(case: Case, status: str, reason: str | None) -> None:
    start, state = case.appointment.start_at, State(case.appointment.state)
    if _in_last_hour(case):
        once = f"last:{case.appointment.id}:{start}"
        case.tell(Event.CHARGE_FAILED, once, Party.CLIENT, Party.THERAPIST, code=reason, last=True)
    elif not (state.live and case.now < start) and not case.was_told():
        # Nothing more comes of itself, and there is no last word to wait for (M6).
        case.tell(Event.CHARGE_FAILED, case.appointment.id, Party.THERAPIST, code=reason)
    until = case.ladder()
    if case.approving and case.attempt is not None:
        # The bank's page may be open: it is looked at, however little is heard of it.
        began = case.attempt.started_at
        soon = min(case.now + max(LOOK_EVERY, case.now - began), began + APPROVAL)
        until = soon if until is None else min(soon, until)
    case.rest(until, status, reason)


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
