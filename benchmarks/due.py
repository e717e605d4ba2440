"""Due items worked off with durable state: claimed, handled by nobody, settled behind the fence."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from multiprocessing.connection import Connection
from statistics import median

from benchmarks import filling
from benchmarks.harness import Bench, said
from benchmarks.stores import KINDS, NAMES
from helpspace.core import notices
from helpspace.core.moments import DAY
from helpspace.core.payments import settle
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Notice, Payment
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, practice_at

TITLE = "Due items a second, each settled in a commit of its own"
PROMISED = ("due",)

WORKERS = 2
ROUNDS, SHARE, BATCH = 8, 150, 50
"""In each round each worker settles its share, claiming a batch at a time."""

WHAT = ("notices", "payments")

WITHOUT_LIMIT = ("PostgreSQL: payments",)
"""A payment is nine turns to the server; on one machine the workers share its cores with that."""


def measure(bench: Bench) -> None:
    """Let the workers work off notices and payments, on both databases in turn."""
    urls = {kind: bench.stores.new(kind) for kind in KINDS}
    for url in urls.values():
        with bench.stores.practice(url) as practice:
            _fill(practice)
    with _workers(urls["sqlite"]) as sqlite, _workers(urls["postgresql"]) as postgresql:
        both = {"sqlite": sqlite, "postgresql": postgresql}
        for what in WHAT:
            rates: dict[str, list[float]] = {kind: [] for kind in KINDS}
            for _ in range(ROUNDS):
                for kind, pipes in both.items():
                    rates[kind].append(WORKERS * SHARE / _together(pipes, what))
            for kind in KINDS:
                _report(bench, f"{NAMES[kind]}: {what}", rates[kind])
    for url in urls.values():
        with bench.stores.practice(url) as practice:
            _check(practice)
    bench.report.note(
        f"{WORKERS} worker processes, {ROUNDS} rounds of {WORKERS * SHARE} items on each: claims by"
        f" lease of {BATCH}, then for every item a commit (fsync) behind its fence. A notice's"
        " sender does nothing; a payment is judged by the rules (who owes what, from when), with"
        " its appointment, people and intents read afresh, and rests until its moment. That is nine"
        " turns to a PostgreSQL server that shares the machine, and has no limit there."
    )


def _report(bench: Bench, words: str, rates: list[float]) -> None:
    slowest = f"slowest {said(min(rates), '/s')}"
    if words in WITHOUT_LIMIT:
        bench.report.say(words, f"{said(median(rates), '/s')} ({slowest})")
    else:
        bench.report.check("due", median(rates), words, slowest)


def _fill(practice: Practice) -> None:
    number = WORKERS * ROUNDS * SHARE
    therapists = filling.therapists(practice, 10)
    clients = filling.clients(practice, number)
    filling.notices(practice, clients)
    starts = filling.working_hours(NOW + 7 * DAY, number // len(therapists))
    for therapist in therapists:
        filling.appointments(practice, therapist, clients, starts, payments_due=True)
    filling.analyse(practice)


def _together(pipes: list[Connection], what: str) -> float:
    """Let all workers do their share at once and return the seconds until the last is done."""
    began = time.perf_counter()
    for pipe in pipes:
        pipe.send(what)
    for pipe in pipes:
        assert pipe.recv() == SHARE
    return time.perf_counter() - began


@contextmanager
def _workers(url: str) -> Iterator[list[Connection]]:
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for number in range(WORKERS):
        ours, theirs = context.Pipe()
        process = context.Process(target=_worker, args=(url, number, theirs), daemon=True)
        process.start()
        pipes.append(ours)
        processes.append(process)
    try:
        for pipe in pipes:
            pipe.recv()
        yield pipes
    finally:
        for pipe, process in zip(pipes, processes, strict=True):
            pipe.send(None)
            process.join(10)


def _worker(url: str, number: int, pipe: Connection) -> None:
    """Settle a share whenever asked."""
    practice = practice_at(url, MovableClock(NOW), seed=100 + number)
    practice.store.version()  # the connection is open
    works: dict[str, Callable[[Practice, str, int], int]] = {"notices": _send, "payments": _settle}
    pipe.send("ready")
    while (what := pipe.recv()) is not None:
        batches = range(SHARE // BATCH)
        pipe.send(sum(works[what](practice, f"w{number}", BATCH) for _ in batches))
    practice.store.close()


def _send(practice: Practice, worker: str, limit: int) -> int:
    errands = notices.claim(practice, worker, limit)
    return sum(notices.sent(practice, errand) for errand in errands)


def _settle(practice: Practice, worker: str, limit: int) -> int:
    tasks = settle.claim(practice, worker, limit)
    return sum(settle.advance(practice, task) is None for task in tasks)


def _check(practice: Practice) -> None:
    """Nothing was left, and nothing lost."""
    number = WORKERS * ROUNDS * SHARE
    with practice.reading() as view:
        assert view.count(Notice.select().where(Notice.state == "sent")) == number
        resting = Payment.select().where(Payment.holder.is_null(), Payment.next_at > view.now)
        assert view.count(resting) == number
