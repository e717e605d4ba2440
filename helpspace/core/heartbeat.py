"""When each job last ran and how it ended, for `doctor`, `jobs list` and the Today screen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Heartbeat

QUIET = 30
"""Seconds for which a run that did nothing new is not written down again: idle costs no commits."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A job's last run: instants in UTC epoch seconds; `error` is a code, None if all was well.

    While `ended_at` is None it is under way, or its process died; `did` and `error` are then those
    of the run before.
    """

    job: str
    began_at: int
    ended_at: int | None
    did: int
    error: str | None


def begin(practice: Practice, job: str) -> int:
    """Write down that a run has begun, twice a minute at most, and return the present."""
    with practice.reading() as view:
        now = view.now
        last = view.get(Heartbeat, job)
    if last is None or now >= last.began_at + QUIET:
        with practice.change() as tx:
            _write(tx, job, began_at=now, ended_at=None)
    return now


def record(practice: Practice, job: str, began_at: int, did: int, error: str | None) -> None:
    """Write down a run that has ended; a quiet one that repeats the last is left out."""
    code = None if error is None else error[:100]
    with practice.reading() as view:
        last = view.get(Heartbeat, job)
    quiet = did == 0 and last is not None and last.ended_at is not None and last.error == code
    if quiet and last is not None and began_at < last.began_at + QUIET:
        return
    with practice.change() as tx:
        ended_at = max(tx.now, began_at)
        _write(tx, job, began_at=began_at, ended_at=ended_at, did=did, error=code)


def _write(tx: Tx, job: str, **values: Any) -> None:
    if not tx.run(Heartbeat.update(**values).where(Heartbeat.job == job)):
        tx.insert_once(Heartbeat, **{"job": job, "did": 0, **values})


def beats(practice: Practice) -> list[Beat]:
    """Return the last run of every job that has ever run, by name."""
    with practice.reading() as view:
        rows = view.rows(Heartbeat.select().order_by(Heartbeat.job))
    return [Beat(row.job, row.began_at, row.ended_at, row.did, row.error) for row in rows]
