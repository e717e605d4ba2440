"""Due items worked off with durable state: claimed, handled by nobody, settled behind the fence."""

from __future__ import annotations

from collections.abc import Callable
from statistics import median

from benchmarks import filling
from benchmarks.harness import Bench, said, seconds
from benchmarks.stores import KINDS, NAMES
from helpspace.core import notices
from helpspace.core.moments import DAY
from helpspace.core.payments import settle
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Notice, Payment
from tests.makers import NOW

TITLE = "Due items a second, each settled in a commit of its own"
PROMISED = ("due",)

ROUNDS, BATCH = 15, 100


def measure(bench: Bench) -> None:
    """Work off notices and payments in batches, on both databases in turn."""
    urls = {kind: bench.stores.new(kind) for kind in KINDS}
    with (
        bench.stores.practice(urls["sqlite"]) as sqlite,
        bench.stores.practice(urls["postgresql"]) as postgresql,
    ):
        both = {"sqlite": sqlite, "postgresql": postgresql}
        for practice in both.values():
            _fill(practice)
        for what, work in (("notices", _send), ("payments", _settle)):
            times: dict[str, list[float]] = {kind: [] for kind in KINDS}
            for _ in range(ROUNDS):
                for kind, practice in both.items():
                    times[kind].append(_timed(work, practice))
            for kind in KINDS:
                rates = sorted(BATCH / time for time in times[kind])
                beside = f"{said(rates[0], '')}– {said(rates[-1], '/s')}"
                words = f"{NAMES[kind]}: {what} claimed and settled"
                bench.report.check("due", median(rates), words, beside)
        for practice in both.values():
            _check(practice)
    bench.report.note(
        f"One worker, {ROUNDS} batches of {BATCH} on each: a claim by lease, then for every item a"
        " commit (fsync) behind its fence. A notice's sender does nothing; a payment is looked at"
        " by the rules (who owes what, from when) and rests until its moment."
    )


def _fill(practice: Practice) -> None:
    number = ROUNDS * BATCH
    therapist = filling.therapists(practice, 1)[0]
    clients = filling.clients(practice, number)
    filling.notices(practice, clients)
    starts = filling.working_hours(NOW + 7 * DAY, number)
    filling.appointments(practice, therapist, clients, starts, payments_due=True)
    filling.analyse(practice)


def _timed(work: Callable[[Practice], int], practice: Practice) -> float:
    done = []
    took = seconds(lambda: done.append(work(practice)))
    assert done == [BATCH]
    return took


def _send(practice: Practice) -> int:
    errands = notices.claim(practice, "bench", BATCH)
    return sum(notices.sent(practice, errand) for errand in errands)


def _settle(practice: Practice) -> int:
    tasks = settle.claim(practice, "bench", BATCH)
    return sum(settle.advance(practice, task) is None for task in tasks)


def _check(practice: Practice) -> None:
    """Nothing was left, and nothing lost."""
    with practice.reading() as view:
        assert view.count(Notice.select().where(Notice.state == "sent")) == ROUNDS * BATCH
        resting = Payment.select().where(Payment.holder.is_null(), Payment.next_at > practice.now())
        assert view.count(resting) == ROUNDS * BATCH
