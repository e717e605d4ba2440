"""THE table of jobs: what each name does, how often, and what it may have made due.

`jobs list`, `jobs run`, the scheduler and `doctor` all read it.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from helpspace.core import (
    booking,
    card_looks,
    hearing,
    heartbeat,
    holds,
    inbox,
    outages,
    proofs,
    reminders,
    summaries,
)
from helpspace.core.errors import HelpspaceError, KeyFault, NotFound, OutsideFault
from helpspace.core.gateways import Outside
from helpspace.core.joining import documents
from helpspace.core.keeping import erased
from helpspace.core.payments import debts, settle
from helpspace.core.practice import Practice
from helpspace.core.store import standing
from helpspace.jobs import (
    accounts,
    cards,
    charges,
    clock,
    delivery,
    disputes,
    erasures,
    events,
    roles,
)
from helpspace.jobs import debts as jobs_debts
from helpspace.jobs.report import Report, counted

log = logging.getLogger(__name__)

NO_STRIPE = Report(0, "Stripe is not set up")

Run = Callable[[Practice, Outside], Report]


@dataclass(frozen=True, slots=True)
class Job:
    """One job: `every` is the seconds between ticks, `then` what it wakes when it did something.

    `same_as` names the job whose sweep this one shares.
    """

    name: str
    words: str
    every: int
    run: Run
    then: tuple[str, ...] = ()
    same_as: str | None = None


def _resting(practice: Practice, outside: Outside) -> Report | None:
    """Return what a sweep reports that must not run: no Stripe, or a store that rests (D5)."""
    if outside.stripe is None:
        return NO_STRIPE
    if standing.rests(practice.store):
        return Report(0, standing.RESTS, standing.NOT_ADOPTED)
    return None


def _settle(practice: Practice, outside: Outside) -> Report:
    rest = _resting(practice, outside)
    if rest is not None or outside.stripe is None:
        return rest or NO_STRIPE
    stripe = outside.stripe
    if not settle.anything_due(practice):
        return charges.NOTHING_DUE
    return roles.alone(
        practice,
        outside,
        lambda still: charges.sweep(
            practice,
            stripe,
            worker=practice.ids.new(),
            parallel=_cases_at_once(practice.settings.stripe_rate),
            stopping=outside.stopping.is_set,
            still=still,
        ),
    )


def _cases_at_once(rate: int) -> int:
    """Return how many cases are under way at once: enough for the rate while each takes two calls
    of 300 ms and, on a busy machine, as long again for its commits."""
    return max(16, rate + rate // 4)


def _hear(practice: Practice, outside: Outside) -> Report:
    rest = _resting(practice, outside)
    if rest is not None or outside.stripe is None:
        return rest or NO_STRIPE
    return events.sweep(practice, outside.stripe)


def _cards(practice: Practice, outside: Outside) -> Report:
    rest = _resting(practice, outside)
    if rest is not None or outside.stripe is None:
        return rest or NO_STRIPE
    return cards.sweep(practice, outside.stripe, stopping=outside.stopping.is_set)


def _accounts(practice: Practice, outside: Outside) -> Report:
    if outside.stripe is None:
        return NO_STRIPE
    return accounts.sweep(practice, outside.stripe, stopping=outside.stopping.is_set)


def _disputes(practice: Practice, outside: Outside) -> Report:
    rest = _resting(practice, outside)
    if rest is not None or outside.stripe is None:
        return rest or NO_STRIPE
    return disputes.sweep(practice, outside.stripe, stopping=outside.stopping.is_set)


def _take_back(practice: Practice, outside: Outside) -> Report:
    rest = _resting(practice, outside)
    if rest is not None or outside.stripe is None:
        return rest or NO_STRIPE
    stripe = outside.stripe
    if not debts.anything_due(practice):
        return jobs_debts.NOTHING_DUE
    stopping = outside.stopping.is_set
    return roles.alone(
        practice,
        outside,
        lambda still: jobs_debts.sweep(practice, stripe, stopping=stopping, still=still),
    )


def _deliver(practice: Practice, outside: Outside) -> Report:
    return delivery.sweep(practice, outside, sender=practice.ids.new())


def _remind(practice: Practice, outside: Outside) -> Report:
    wrong = clock.stopped(practice, outside.stripe)
    if wrong is not None:
        return wrong
    done, ahead = reminders.sweep(practice), summaries.sweep(practice) + card_looks.warn(practice)
    words = f", {counted(ahead, 'notice')} of what comes" if ahead else ""
    return Report(done + ahead, f"wrote {counted(done, 'reminder')}{words}")


def _free_holds(practice: Practice, _outside: Outside) -> Report:
    done = holds.sweep(practice)
    return Report(done, f"freed {counted(done, 'hold')}")


def _watch_proofs(practice: Practice, _outside: Outside) -> Report:
    told = proofs.sweep(practice)
    soon, gone = proofs.expiring(practice)
    words = f"{counted(soon, 'proof')} expiring within 30 days, {gone} expired"
    return Report(told, f"{words}; wrote {counted(told, 'notice')}" if told else words)


def _erase(practice: Practice, outside: Outside) -> Report:
    rests = outside.stripe is None or standing.rests(practice.store)
    stripe = None if rests else outside.stripe
    return erasures.sweep(practice, stripe, stopping=outside.stopping.is_set)


def _keep_house(practice: Practice, outside: Outside) -> Report:
    wrong = clock.stopped(practice, outside.stripe)
    if wrong is not None:
        return wrong
    completed = booking.complete_past(practice)
    erased.keep(practice)
    forgotten = inbox.sweep(practice) + hearing.forget(practice) + documents.sweep(practice)
    words = f"completed {counted(completed, 'session')}, forgot {counted(forgotten, 'old id')}"
    return Report(completed + forgotten, words)


JOBS: tuple[Job, ...] = (
    Job(
        "stripe-events",
        "hear what happened at Stripe",
        20,
        _hear,
        ("cards", "disputes", "charges", "accounts"),
    ),
    Job("disputes", "read disputes", 60, _disputes, ("charges", "delivery")),
    Job("cards", "look at open card pages and put cards on record", 10, _cards, ("delivery",)),
    Job("accounts", "read the therapists' Stripe accounts again", 60, _accounts, ("delivery",)),
    Job("holds", "free slots whose hold has expired", 30, _free_holds),
    Job("charges", "settle what is owed with what Stripe holds", 5, _settle, ("delivery",)),
    Job("refunds", "the same settlement: refunds are part of it", 5, _settle, same_as="charges"),
    Job("debts", "take transfers back from accounts that were short", 60, _take_back),
    Job(
        "reminders",
        "write the reminders of the day, and what the next days bring",
        15,
        _remind,
        ("delivery",),
    ),
    Job(
        "proofs",
        "tell of insurance and registrations that expire",
        60,
        _watch_proofs,
        ("delivery",),
    ),
    Job("erasures", "carry out what clients who leave have asked for", 60, _erase, ("delivery",)),
    Job("housekeeping", "complete past sessions, forget old ids", 60, _keep_house),
    Job("delivery", "send what people are owed, by mail and chat", 5, _deliver),
)
"""In the order in which one run of all of them makes sense: what is caused is also delivered."""


def job_named(name: str) -> Job:
    """Return a job of the table, or refuse in one line that names them all."""
    for job in JOBS:
        if job.name == name:
            return job
    raise NotFound(
        f"There is no job “{name[:40]}”", f"There are: {', '.join(job.name for job in JOBS)}."
    )


def run(
    practice: Practice, outside: Outside, names: Iterable[str] = ()
) -> list[tuple[str, Report]]:
    """Run one sweep of each named job, or of all; none stops another. Each name reports for itself.

    Raises NotFound for a name that is not in the table, before anything is run.
    """
    wanted = {job_named(name).name for name in names} or {job.name for job in JOBS}
    done: dict[str, Report] = {}
    try:
        for job in JOBS:
            if job.name in wanted:
                sweep = job.same_as or job.name
                done[job.name] = done[sweep] if sweep in done else run_one(practice, outside, job)
    finally:
        roles.let_go(practice, outside)
    return list(done.items())


def run_one(practice: Practice, outside: Outside, job: Job) -> Report:
    """Run one sweep of a job and write its heartbeat; an error becomes a report with its code."""
    names = [one.name for one in JOBS if job.name in (one.name, one.same_as)]
    began = max(heartbeat.begin(practice, name) for name in names)
    try:
        report = job.run(practice, outside)
    except HelpspaceError as error:
        report = Report(0, f"{error.title}. {error.hint}", type(error).__name__)
    except Exception as error:
        log.error("job %s failed: %s", job.name, type(error).__name__)  # noqa: TRY400 - no texts
        log.debug("job %s failed", job.name, exc_info=True)
        report = Report(0, "failed in a way nobody foresaw", f"fault:{type(error).__name__}")
    for name in names:
        heartbeat.record(practice, name, began, report.did, report.error)
    _note_stripe(practice, job, report)
    return report


ASKS_STRIPE = ("stripe-events", "cards", "accounts", "charges", "disputes")
"""Jobs whose failure to be answered says that Stripe is away (M6a)."""


def _note_stripe(practice: Practice, job: Job, report: Report) -> None:
    """Write down since when Stripe has not answered; the polled list of events tells that it has
    again, since it asks every time."""
    if job.name not in ASKS_STRIPE:
        return
    if report.error in ("stripe_unheard", OutsideFault.__name__, KeyFault.__name__):
        outages.unheard(practice)
    elif job.name == "stripe-events" and report.error is None and report is not NO_STRIPE:
        outages.heard(practice)
