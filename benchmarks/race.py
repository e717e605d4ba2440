"""Fifty clients after one slot at one instant, from several processes: one winner, and how soon."""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from multiprocessing.connection import Connection
from statistics import median

from benchmarks import filling
from benchmarks.harness import Bench, percentile, said
from benchmarks.stores import KINDS, NAMES
from helpspace.core import booking
from helpspace.core.actors import Actor
from helpspace.core.booking import Shown
from helpspace.core.errors import SlotTaken
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Appointment, Therapist
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, practice_at

TITLE = "A race of 50 clients for one slot"
PROMISED = ("race", "race_winners")

RIVALS, PROCESSES, RACES, WARM_UP = 50, 8, 20, 2
HEAD_START = 0.05
"""Seconds from the order to the start, so that everybody is waiting when it comes."""

Heat = tuple[float, str, int, list[str]]
"""When it starts (monotonic seconds), the slot, its fee, and the clients of one process."""


def measure(bench: Bench) -> None:
    """Run the races on each of the databases."""
    for kind in KINDS:
        _measure(bench, kind)
    bench.report.note(
        f"{RACES} races on each; {PROCESSES} processes with threads are waiting, each rival with a"
        " connection of its own, and start at one instant. The time ends with the last answer;"
        " losers hear that the slot is taken."
    )


def _measure(bench: Bench, kind: str) -> None:
    races = RACES + WARM_UP
    url = bench.stores.new(kind)
    with bench.stores.practice(url) as practice:
        therapists = filling.therapists(practice, races)
        slots = filling.slots(practice, therapists, [NOW + 7 * DAY])
        clients = filling.clients(practice, races * RIVALS)
        filling.analyse(practice)
        with practice.reading() as view:
            fees = {row.id: row.initial_fee for row in view.rows(Therapist.select())}
    walls, single = [], 0
    with _racers(url) as pipes:
        for at, (slot, therapist) in enumerate(zip(slots, therapists, strict=True)):
            rivals = clients[at * RIVALS : (at + 1) * RIVALS]
            wall, winners = _race(pipes, slot, fees[therapist], rivals)
            if at >= WARM_UP:
                walls.append(wall * 1000)
                single += winners == 1
    with bench.stores.practice(url) as practice, practice.reading() as view:
        assert view.count(Appointment.select()) == races
    slowest = f"slowest {said(percentile(walls, 1), 'ms')}"
    bench.report.check("race", median(walls), f"{NAMES[kind]}: median of a race", slowest)
    won = f"{single} of {RACES}"
    bench.report.check("race_winners", 100 * single / RACES, f"{NAMES[kind]}: one winner", won)


def _race(pipes: list[Connection], slot: str, fee: int, rivals: list[str]) -> tuple[float, int]:
    start = time.monotonic() + HEAD_START
    for at, pipe in enumerate(pipes):
        pipe.send((start, slot, fee, rivals[at :: len(pipes)]))
    answers = [answer for pipe in pipes for answer in pipe.recv()]
    assert len(answers) == RIVALS
    return max(ended for ended, _ in answers) - start, sum(won for _, won in answers)


@contextmanager
def _racers(url: str) -> Iterator[list[Connection]]:
    """Give a pipe to each of some processes that wait for heats."""
    context = multiprocessing.get_context("spawn")
    pipes, processes = [], []
    for number in range(PROCESSES):
        ours, theirs = context.Pipe()
        process = context.Process(target=_racer, args=(url, number, theirs), daemon=True)
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


def _racer(url: str, number: int, pipe: Connection) -> None:
    """Wait for heats and run them, a thread for each client."""
    practice = practice_at(url, MovableClock(NOW), seed=1000 + number)
    pipe.send("ready")
    with ThreadPoolExecutor(-(-RIVALS // PROCESSES)) as pool:
        while (heat := pipe.recv()) is not None:
            runs = [pool.submit(_attempt, practice, heat, client) for client in heat[3]]
            pipe.send([run.result() for run in runs])


def _attempt(practice: Practice, heat: Heat, client: str) -> tuple[float, bool]:
    start, slot, fee, _ = heat
    practice.store.version()  # the connection is open
    time.sleep(max(0.0, start - time.monotonic()))
    try:
        booking.book(practice, Actor.client(client), slot, Shown(fee, False))
    except SlotTaken:
        return time.monotonic(), False
    return time.monotonic(), True
