"""Rates and turns, on clocks that only the test moves."""

from __future__ import annotations

import asyncio
import heapq
import itertools
import random
import threading
import time
from collections.abc import Callable, Coroutine
from typing import Any

from helpspace.core.pacing import Pacer
from helpspace.jobs.limiter import Limiter


class Line:
    """Monotonic seconds that pass only by waiting."""

    def __init__(self, late: Callable[[], float] = lambda: 0.0) -> None:
        self.at = 100.0
        self._late = late
        self._asleep: list[tuple[float, int, asyncio.Future[None]]] = []
        self._number = itertools.count()

    def now(self) -> float:
        return self.at

    def sleep(self, seconds: float) -> None:
        self.at = round(self.at + seconds + self._late(), 6)

    async def pause(self, seconds: float) -> None:
        """Wait until the time has come."""
        woken = asyncio.get_running_loop().create_future()
        heapq.heappush(self._asleep, (self.at + seconds, next(self._number), woken))
        await woken

    async def run(self, *scenes: Coroutine[Any, Any, None]) -> None:
        """Play scenes side by side; when all of them wait, time goes on to the first to wake."""
        tasks = [asyncio.ensure_future(scene) for scene in scenes]
        while not all(task.done() for task in tasks):
            for _ in range(5):
                await asyncio.sleep(0)
            if self._asleep:
                self.at, _, woken = heapq.heappop(self._asleep)
                woken.set_result(None)


def begun(line: Line, limiter: Limiter, endpoint: str, count: int) -> list[float]:
    """When that many calls begin that are all wanted at once."""
    found = []
    for _ in range(count):
        limiter.turn(endpoint)
        found.append(round(line.at - 100, 6))
    return found


def most_in_a_second(starts: list[float]) -> int:
    return max(sum(at <= other < at + 0.9999 for other in starts) for at in starts)


def test_calls_to_an_endpoint_are_spaced_evenly() -> None:
    line = Line()
    limiter = Limiter(20, now=line.now, sleep=line.sleep)
    assert begun(line, limiter, "POST intents", 60) == [round(n * 0.05, 6) for n in range(60)]
    assert begun(line, limiter, "GET events", 1) == [2.95]


def test_an_idle_endpoint_saves_nothing_up() -> None:
    line = Line()
    limiter = Limiter(20, now=line.now, sleep=line.sleep)
    limiter.turn("x")
    line.at += 10
    assert begun(line, limiter, "x", 3) == [10.0, 10.05, 10.1]


def test_late_wakers_neither_exceed_the_rate_nor_waste_it() -> None:
    """House: at least 90 % busy, never more than the rate in any second."""
    late = random.Random(1)
    line = Line(lambda: late.choice((0.0, 0.001, 0.004, 0.03)))
    limiter = Limiter(20, now=line.now, sleep=line.sleep)
    starts = begun(line, limiter, "x", 400)
    assert most_in_a_second(starts) <= 20
    assert 399 / (starts[-1] - starts[0]) >= 18


def test_an_endpoint_that_was_too_fast_is_held() -> None:
    line = Line()
    limiter = Limiter(20, now=line.now, sleep=line.sleep)
    limiter.hold("x", 3)
    assert begun(line, limiter, "y", 1) == [0.0]
    assert begun(line, limiter, "x", 2) == [3.0, 3.05]


def test_many_threads_share_one_rate() -> None:
    limiter = Limiter(500)
    starts: list[float] = []

    def work() -> None:
        for _ in range(5):
            limiter.turn("x")
            starts.append(time.monotonic())

    threads = [threading.Thread(target=work) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(starts) == 100
    assert max(starts) - min(starts) >= 0.19


# --- one rate over two processes, and whoever waits goes first


class Caller:
    """A thread that calls an endpoint again and again, as `Limiter.turn` would let it."""

    def __init__(self, limiter: Limiter, endpoint: str, *, sweep: bool, pause: float = 0.0) -> None:
        self.limiter, self.endpoint, self.sweep, self.pause = limiter, endpoint, sweep, pause
        self.began: list[float] = []
        self.waits: list[float] = []
        self._wanted: float | None = None

    def step(self, now: float) -> float:
        """Go on at an instant; return how long until it is to go on again."""
        if self._wanted is None:
            self._wanted = now
            if self.sweep:
                wait = self.limiter._reserve(self.endpoint)
            else:
                waiting = self.limiter._waiting
                waiting[self.endpoint] = waiting.get(self.endpoint, 0) + 1
                wait = self.limiter._begin(self.endpoint, sweep=False)
        else:
            wait = self.limiter._begin(self.endpoint, sweep=self.sweep)
        if wait > 0:
            return wait
        self.began.append(now)
        self.waits.append(now - self._wanted)
        self._wanted = None
        if not self.sweep:
            self.limiter._waiting[self.endpoint] -= 1
        return LATENCY + self.pause


LATENCY = 0.3
"""Seconds that a call takes."""


def play(line: Line, callers: list[Caller], seconds: float) -> None:
    """Let callers call side by side for a while, on one line of time."""
    number = itertools.count()
    heap = [(line.at, next(number), caller) for caller in callers]
    heapq.heapify(heap)
    end = line.at + seconds
    while heap[0][0] < end:
        line.at, _, caller = heapq.heappop(heap)
        heapq.heappush(heap, (line.at + caller.step(line.at), next(number), caller))


def pair(line: Line, rate: int) -> tuple[Limiter, Limiter]:
    """The limiters of a process that settles and of its guest."""
    host = Limiter(rate, shared=True, now=line.now, sleep=line.sleep)
    host.settles(lambda: True)
    return host, Limiter(rate, shared=True, now=line.now, sleep=line.sleep)


def began(callers: list[Caller]) -> list[float]:
    return sorted(at for caller in callers for at in caller.began)


CONFIRM, PAGE = "POST intents/id/confirm", "POST sessions"


def test_two_processes_keep_one_rate_and_keep_it_busy() -> None:
    """Done when 4: 90 % at 300 ms a call, and never beyond it, also while a guest's people tap."""
    line = Line()
    host, guest = pair(line, 20)
    sweep = [Caller(host, CONFIRM, sweep=True) for _ in range(20)]
    taps = [Caller(guest, CONFIRM, sweep=False) for _ in range(5)]
    play(line, [*sweep, *taps], 60)
    assert most_in_a_second(began([*sweep, *taps])) <= 20
    assert len(began(sweep)) >= 0.9 * 20 * 60
    assert len(began(taps)) >= 0.9 * 60


def test_two_processes_share_what_people_wait_for() -> None:
    """Card pages and links: a half each, whoever settles."""
    line = Line()
    both = pair(line, 20)
    callers = [Caller(one, PAGE, sweep=False) for one in both for _ in range(20)]
    play(line, callers, 30)
    assert most_in_a_second(began(callers)) <= 20


def test_a_tap_does_not_queue_behind_a_sweep() -> None:
    """Whoever waits has the next place there is, however many charges are under way."""
    line = Line()
    host, _ = pair(line, 20)
    sweep = [Caller(host, CONFIRM, sweep=True) for _ in range(60)]
    taps = [Caller(host, CONFIRM, sweep=False, pause=1.0) for _ in range(2)]
    play(line, [*sweep, *taps], 60)
    waits = [wait for tap in taps for wait in tap.waits]
    assert len(waits) > 40
    assert max(waits) <= 0.25
    assert most_in_a_second(began([*sweep, *taps])) <= 20
    assert len(began([*sweep, *taps])) >= 0.9 * 20 * 60


def test_a_role_that_changes_hands_keeps_the_rate() -> None:
    """The gap between two holders is longer than the second in which calls are counted."""
    line = Line()
    one, two = pair(line, 20)
    first = [Caller(one, CONFIRM, sweep=True) for _ in range(20)]
    play(line, first, 10)
    one.settles(lambda: False)
    line.at += 2
    two.settles(lambda: True)
    second = [Caller(two, CONFIRM, sweep=True) for _ in range(20)]
    play(line, second, 10)
    assert most_in_a_second(began([*first, *second])) <= 20


def test_a_low_rate_still_lets_everybody_through() -> None:
    line = Line()
    host, guest = pair(line, 1)
    callers = [Caller(host, CONFIRM, sweep=True), Caller(guest, CONFIRM, sweep=False)]
    play(line, callers, 10)
    assert all(len(caller.began) >= 7 for caller in callers)


def times(chats: list[tuple[int, bool]]) -> list[tuple[float, int, bool]]:
    """When each of these messages, all asked for at once, goes; True is an answer."""
    line = Line()
    pacer = Pacer(now=line.now, sleep=line.pause)
    went: list[tuple[float, int, bool]] = []

    async def one(chat: int, answer: bool) -> None:
        await pacer.turn(chat, answer=answer)
        went.append((round(line.at - 100, 2), chat, answer))

    asyncio.run(line.run(*(one(chat, answer) for chat, answer in chats)))
    return went


def test_notices_to_one_chat_go_a_second_apart() -> None:
    """N7: one a second a chat."""
    went = times([(1, False)] * 4)
    gaps = [later[0] - earlier[0] for earlier, later in itertools.pairwise(went)]
    assert all(gap >= 0.99 for gap in gaps)


def test_no_second_holds_more_than_the_limit() -> None:
    """N7: 25 a second overall, and a few answers more."""
    went = sorted(at for at, _, _ in times([(chat, False) for chat in range(80)]))
    assert all(sum(at <= other < at + 1 for other in went) <= 27 for at in went)
    answers = sorted(at for at, _, _ in times([(chat, True) for chat in range(80)]))
    assert all(sum(at <= other < at + 1 for other in answers) <= 32 for at in answers)


def test_answers_go_before_notices() -> None:
    """N7: whoever is answered does not wait behind news."""
    went = times([(chat, False) for chat in range(10)] + [(100 + n, True) for n in range(20)])
    last_answer = max(at for at, _, answer in went if answer)
    early = [at for at, _, answer in went if not answer and at < last_answer]
    assert len(early) <= 1


def test_a_few_quick_answers_in_one_chat_are_let_through() -> None:
    """N7: a person who taps quickly is not made to wait."""
    assert max(at for at, _, _ in times([(1, True)] * 3)) <= 0.3
    assert max(at for at, _, _ in times([(1, True)] * 8)) >= 3


def test_being_told_to_wait_holds_everybody() -> None:
    line = Line()
    pacer = Pacer(now=line.now, sleep=line.pause)
    pacer.hold(7)
    asyncio.run(line.run(pacer.turn(1, answer=True)))
    assert line.at >= 107
