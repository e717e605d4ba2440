"""Settlement carried out at Stripe: charges and refunds are one sweep (M5a).

What is owed against what Stripe holds is one question, and its answer may be a charge, a refund or
a cancelled intent. So the names `charges` and `refunds` both run this sweep.
"""

from __future__ import annotations

from helpspace.core.gateways import StripeGateway
from helpspace.core.payments import settle
from helpspace.core.payments.settle import Task
from helpspace.core.payments.steps import Answer, ConfirmIntent, NoAnswer
from helpspace.core.practice import Practice
from helpspace.jobs import clock, lanes, platform
from helpspace.jobs.lanes import Still, always
from helpspace.jobs.parallel import Stopping, drain, never
from helpspace.jobs.report import Report, counted

NOTHING_DUE = Report(0, "nothing due")

MOST_STEPS = 12
"""Steps one case may take in one pass; the rest is for the next pass."""


def sweep(
    practice: Practice,
    stripe: StripeGateway,
    *,
    worker: str,
    parallel: int = 16,
    stopping: Stopping = never,
    still: Still = always,
) -> Report:
    """Settle every case that is due, each step in a commit of its own.

    Several cases are under way at once, so that making and confirming intents overlap and each
    endpoint's rate stays busy. Nothing is begun while the clock is wrong (D4) or
    with a key of another platform (A5), and no more once
    Stripe has stopped answering, or another process settles: `still` says that this one does.
    """

    def claim() -> list[Task]:
        return settle.claim(practice, worker, limit=parallel) if still() else []

    def work(task: Task) -> None:
        with lanes.sweeping(still):
            if not take_steps(practice, stripe, task):
                unheard.append(task)

    def enough() -> bool:
        return stopping() or not still() or len(unheard) >= 2 * parallel

    unheard: list[Task] = []
    if not settle.anything_due(practice):
        return NOTHING_DUE
    # The account's answer tells Stripe's time along, so one call does for both.
    wrong = platform.stopped(practice, stripe) or clock.stopped(practice, stripe)
    if wrong is not None:
        return wrong
    done = drain(practice, claim, work, workers=parallel, stopping=enough)
    words = f"took up {counted(done, 'payment')}"
    if not unheard:
        return Report(done, words)
    return Report(done, f"{words}, Stripe did not answer for {len(unheard)}", "stripe_unheard")


def take_steps(practice: Practice, stripe: StripeGateway, task: Task) -> bool:
    """Take a case's steps one after another until it rests; False when Stripe did not answer.

    The clock is looked at again before the one step that takes money: it may have jumped since the
    step before (D4). What was written down and not done is read back later, like a lost answer.
    """
    step = settle.advance(practice, task)
    for _ in range(MOST_STEPS):
        if step is None:
            return True
        if isinstance(step, ConfirmIntent) and clock.stopped(practice, stripe) is not None:
            answer: Answer = NoAnswer("clock_skew")
        else:
            answer = stripe.carry_out(step)
        step = settle.advance(practice, task, step, answer)
        if isinstance(answer, NoAnswer):
            return False
    return True
