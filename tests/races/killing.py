"""kill -9 at every commit and every call to Stripe of a story, then a restart (M9, D1).

An arena is a process that holds the sandbox's Stripe and has the practice live in a child of its
own. The child asks before each commit and each call, and after them; at one of these points it is
killed, and another child goes on with what it was doing, as after a restart. An arena is forked for
each point, so every life begins with the same Stripe.
"""

from __future__ import annotations

import hashlib
import json
import os
import signal
import tempfile
import traceback
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from multiprocessing import Pipe
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import stripe

from helpspace.core.gateways import Outside
from helpspace.core.ids import Ids
from helpspace.core.store.database import Writer
from helpspace.sandbox.clock import MovableClock
from helpspace.sandbox.stripe.transport import SandboxHTTPClient
from tests import makers
from tests.jobs.world import World
from tests.postgres import quick_folder
from tests.races.stories import STORIES, Bank, Life, Story, settled_end

OBJECTS = (
    "Account", "Balance", "Charge", "Dispute", "Event", "PaymentIntent", "PaymentMethod", "Refund",
    "Reversal", "SetupIntent", "Transfer",
)  # fmt: skip
"""Parts of the SDK that it loads at their first use, which is to be before the forks."""

BACK_AFTER = 5
"""Seconds until a killed process is started again."""


class Killed(NamedTuple):
    """What a life came to: the hash of its end, and the moments at which it could be ended."""

    hash: str
    end: str
    points: list[str]
    fault: str = ""


class Wire(SandboxHTTPClient):
    """The SDK's requests, carried out by the arena."""

    def __init__(self, line: Connection) -> None:
        super().__init__(None)  # type: ignore[arg-type]
        self._line = line

    def request(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str] | None,
        post_data: Any = None,
        *,
        _usage: list[str] | None = None,
    ) -> tuple[Any, int, Mapping[str, str]]:
        self._line.send(("request", (method, url, dict(headers or {}), post_data)))
        answer: tuple[Any, int, Mapping[str, str]] = self._line.recv()
        return answer


class ToldClock(MovableClock):
    """A clock that tells the arena when it moves."""

    def __init__(self, start: int, line: Connection) -> None:
        super().__init__(start)
        self._line = line

    def move_to(self, instant: int) -> int:
        now = super().move_to(instant)
        self._line.send(("clock", now))
        return now

    def advance(self, seconds: int) -> int:
        return self.move_to(self.now() + seconds)


class Lived(Life):
    """The practice as one process has it: its commits and calls are told before and after."""

    def __init__(self, url: str, now: int, seed: int, line: Connection, ground: World) -> None:
        clock = ToldClock(now, line)
        super().__init__(url, clock, COMMISSION_PERCENT="10")
        self._paused = 0.0
        self.practice = replace(self.practice, ids=Ids(makers.Seeded(seed)))
        self.stripe = self.gateway(
            http_client=Wire(line),
            ours=lambda _account: True,
            sleep=self._pause,
            monotonic=lambda: clock.now() + self._paused,
        )
        self.outside = Outside(self.stripe, self.post, self.chat)
        self.known = ground.known  # type: ignore[attr-defined]
        self._watch(line)

    def _pause(self, seconds: float) -> None:
        """Wait for the rate of calls: nobody's clock moves for it."""
        self._paused += seconds

    def _watch(self, line: Connection) -> None:
        store = self.practice.store
        plain = store.writing

        def ask(what: str) -> None:
            line.send((what, None))
            line.recv()

        @contextmanager
        def writing() -> Iterator[Writer]:
            with plain() as writer:
                yield writer
                ask("before a commit")
            ask("after a commit")

        store.writing = writing  # type: ignore[method-assign]


def _child(line: Connection, url: str, now: int, seed: int, ground: World, story: Story) -> None:
    """Be the practice's process: do the steps that are asked for."""
    life = Lived(url, now, seed, line, ground)
    while True:
        number = line.recv()
        if number is None:
            life.close()
            return
        try:
            story[number](life)
        except Exception:  # noqa: BLE001 - whatever it is, the arena tells it
            line.send(("fault", traceback.format_exc()))
            return
        line.send(("done", None))


class Arena:
    """One life of a story, ended at one of its moments or at none."""

    def __init__(self, ground: World, story: Story, store: bytes, now: int, kill_at: int) -> None:
        self._ground, self._story, self._kill_at = ground, story, kill_at
        self._store, self._clock = store, ground.clock
        self._clock.move_to(now)
        self._line: Connection | None = None
        self._pid = 0
        self._births = 0
        self.points: list[str] = []

    def live(self) -> Killed:
        """Go through the story and return what it came to."""
        with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
            path = Path(folder) / "store.db"
            path.write_bytes(self._store)
            path.chmod(0o600)
            self._url = f"sqlite:///{path}"
            self._begin()
            for number, step in enumerate(self._story):
                if isinstance(step, Bank):
                    step(self._ground)
                    continue
                while not self._do(number):
                    self._begin()
            self._end()
            return self._judge()

    def _judge(self) -> Killed:
        world = World(self._url, self._clock, COMMISSION_PERCENT="10")
        world.bank = self._ground.bank
        world.stripe = world.gateway()
        try:
            text = json.dumps(settled_end(world), sort_keys=True)
        finally:
            world.close()
        return Killed(hashlib.sha256(text.encode()).hexdigest(), text, self.points)

    def _begin(self) -> None:
        """Start the practice's process, or start it again."""
        if self._births:
            self._clock.advance(BACK_AFTER)
        self._births += 1
        mine, theirs = Pipe()
        now, seed = self._clock.now(), 1000 * self._births + self._kill_at + 1
        self._pid = os.fork()
        if self._pid == 0:
            mine.close()
            _to_the_end(lambda: _child(theirs, self._url, now, seed, self._ground, self._story))
        theirs.close()
        self._line = mine

    def _end(self) -> None:
        assert self._line is not None
        self._line.send(None)
        os.waitpid(self._pid, 0)
        self._line.close()

    def _do(self, number: int) -> bool:
        """Have a step done; False when it was ended in it."""
        assert self._line is not None
        self._line.send(number)
        while True:
            what, said = self._line.recv()
            if what == "done":
                return True
            if what == "fault":
                raise AssertionError(f"{said}after {self.points[-1:]}")
            if what == "clock":
                self._clock.move_to(said)
            elif not self._goes_on(what, said):
                return False

    def _goes_on(self, what: str, said: Any) -> bool:
        """Let a commit or a call be; False when it was the last thing it ever asked for."""
        assert self._line is not None
        if what != "request":
            return self._passes(what) and self._answer(None)
        method, url, headers, data = said
        name = f"{method} {url.split('/v1/')[-1].split('?')[0]}"
        if not self._passes(f"before {name}"):
            return False
        answer = SandboxHTTPClient(self._ground.bank).request(method, url, headers, data)
        body, status, back = answer
        return self._passes(f"after {name}") and self._answer((body, status, dict(back)))

    def _answer(self, answer: Any) -> bool:
        assert self._line is not None
        self._line.send(answer)
        return True

    def _passes(self, what: str) -> bool:
        """Count a moment; at the one of this life the process is killed."""
        self.points.append(what)
        if len(self.points) != self._kill_at:
            return True
        os.kill(self._pid, signal.SIGKILL)
        os.waitpid(self._pid, 0)
        assert self._line is not None
        self._line.close()
        return False


def _to_the_end(act: Callable[[], None]) -> None:
    """Be a forked process that never goes back to where it was forked."""
    try:
        act()
    finally:
        os._exit(0)


def _in_arena(act: Callable[[], Killed]) -> Killed:
    """Live one life in a fork, so that what happens in it leaves no trace here."""
    mine, theirs = Pipe()
    pid = os.fork()
    if pid == 0:
        mine.close()

        def live() -> None:
            try:
                theirs.send(act())
            except Exception:  # noqa: BLE001 - told where the lives are counted
                theirs.send(Killed("", "", [], traceback.format_exc()))

        _to_the_end(live)
    theirs.close()
    found: Killed = mine.recv()
    mine.close()
    os.waitpid(pid, 0)
    return found


class Tally(NamedTuple):
    """What became of a story: how often it was ended, where, and what ended otherwise."""

    kills: int
    commits: int
    calls: list[str]
    hash: str
    broken: list[str]


def every_kill(name: str, template: str, part: int = 0, parts: int = 1) -> Tally:
    """Live a story unkilled, then once for each of its moments (or this part of them)."""
    prologue, story = STORIES[name]
    with tempfile.TemporaryDirectory(dir=quick_folder()) as folder:
        path = Path(folder) / "ground.db"
        path.write_bytes(Path(template).read_bytes())
        path.chmod(0o600)
        ground = Life(f"sqlite:///{path}", MovableClock(makers.NOW), COMMISSION_PERCENT="10")
        prologue(ground)
        ground.close()
        store = path.read_bytes()
    now = ground.clock.now()
    for name_of_object in OBJECTS:
        getattr(stripe, name_of_object)

    def life(kill_at: int) -> Killed:
        return _in_arena(lambda: Arena(ground, story, store, now, kill_at).live())

    whole = life(0)
    if whole.fault:
        return Tally(0, 0, [], "", [f"{name}, unkilled: {whole.fault}"])
    broken = []
    chosen = range(1 + part, len(whole.points) + 1, parts)
    for number in chosen:
        found, what = life(number), whole.points[number - 1]
        if found.fault or found.hash != whole.hash:
            said = found.fault or f"it ended {found.end}, not {whole.end}"
            broken.append(f"{name}, killed {what} (moment {number}): {said}")
    commits = sum(one == "after a commit" for one in whole.points)
    calls = [one.removeprefix("after ") for one in whole.points if one.startswith("after ")]
    calls = [one for one in calls if one != "a commit"]
    return Tally(len(chosen), commits, calls, whole.hash, broken)
