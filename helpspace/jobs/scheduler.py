"""The scheduler: it only rings the bell. What is due is a question to the store (house.md)."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from helpspace.core.errors import HelpspaceError
from helpspace.core.gateways import Outside
from helpspace.core.practice import Practice
from helpspace.jobs import roles
from helpspace.jobs.report import Report
from helpspace.jobs.sweeps import JOBS, Job, job_named, run_one

log = logging.getLogger(__name__)

MOST_JUMP = 30
"""Seconds by which the wall clock may leave the monotonic one before all bells ring at once."""

LOOK_EVERY = 10.0
"""Seconds between two looks at the clocks."""


class Scheduler:
    """Ticks the sweeps of a process, each in a thread of its own and never twice at once.

    `after` is told of every run, for a screen that shows them.
    """

    def __init__(
        self,
        practice: Practice,
        outside: Outside,
        names: Iterable[str] = (),
        *,
        after: Callable[[str, Report], None] | None = None,
    ) -> None:
        wanted = {job_named(name).same_as or name for name in names}
        self._jobs = [job for job in JOBS if job.same_as is None]
        if wanted:
            self._jobs = [job for job in self._jobs if job.name in wanted]
        self._practice = practice
        self._outside = outside
        self._after = after
        self._running: set[str] = set()
        self._again: set[str] = set()
        self._change = threading.Condition()
        self._stopped = threading.Event()
        self._watch = threading.Thread(target=self._watch_clock, name="clock", daemon=True)
        logging.getLogger("apscheduler").setLevel(logging.ERROR)
        self._bells = BackgroundScheduler(
            timezone=UTC,
            daemon=True,
            executors={"default": ThreadPoolExecutor(len(self._jobs) + 1)},
            # Two, since APScheduler drops a ring while the run before it is only just ending.
            job_defaults={"misfire_grace_time": None, "coalesce": True, "max_instances": 2},
        )

    def start(self) -> None:
        """Ring every bell once now, then each at its own interval."""
        now = datetime.now(UTC)
        for job in self._jobs:
            self._bells.add_job(
                self._tick,
                "interval",
                (job,),
                seconds=job.every,
                id=job.name,
                next_run_time=now,
            )
        self._bells.start()
        self._watch.start()

    def nudge(self, name: str) -> None:
        """Run a job now, or once more if it is running: something was committed for it."""
        job = job_named(name)
        sweep = job.same_as or job.name
        with self._change:
            if self._stopped.is_set() or all(one.name != sweep for one in self._jobs):
                return
            if sweep in self._running:
                self._again.add(sweep)
                return
        self._ring(sweep)

    def stop(self, patience: float = 30.0) -> bool:
        """Begin nothing new, let what is in flight finish; False if it took too long (seconds)."""
        self._stopped.set()
        self._outside.stopping.set()
        if self._bells.running:
            self._bells.shutdown(wait=False)
        with self._change:
            ended = self._change.wait_for(lambda: not self._running, patience)
        if ended:
            roles.let_go(self._practice, self._outside)
        return ended

    def _ring(self, name: str) -> None:
        self._bells.modify_job(name, next_run_time=datetime.now(UTC))

    def _tick(self, job: Job) -> None:
        with self._change:
            if self._stopped.is_set() or job.name in self._running:
                return
            self._running.add(job.name)
        going = True
        try:
            while going:
                self._run_once(job)
                self._practice.store.close()
                going = self._once_more(job.name)
        except BaseException:
            self._practice.store.close()
            self._rest(job.name)
            raise

    def _once_more(self, name: str) -> bool:
        """Say whether a sweep was nudged while it ran; if not, it rests from this moment on."""
        with self._change:
            nudged = name in self._again and not self._stopped.is_set()
            self._again.discard(name)
            if not nudged:
                self._rest(name)
            return nudged

    def _rest(self, name: str) -> None:
        with self._change:
            self._running.discard(name)
            self._change.notify_all()

    def _run_once(self, job: Job) -> None:
        """Run a sweep and wake what it has made due.

        Where the store cannot even be written, such as one that has moved away, a line says so.
        """
        try:
            report = run_one(self._practice, self._outside, job)
        except HelpspaceError as error:
            log.error("job %s: %s. %s", job.name, error.title, error.hint)  # noqa: TRY400 - a trace may quote people
            return
        if self._after is not None:
            self._after(job.name, report)
        if report.did:
            for name in job.then:
                self.nudge(name)

    def _watch_clock(self) -> None:
        """Ring all bells when the wall clock has jumped; else a step back would silence them."""
        apart = time.time() - time.monotonic()
        while not self._stopped.wait(LOOK_EVERY):
            now = time.time() - time.monotonic()
            if abs(now - apart) > MOST_JUMP:
                log.warning("the clock has jumped by %d s", round(now - apart))
                for job in self._jobs:
                    self._ring(job.name)
            apart = now
