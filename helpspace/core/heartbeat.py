"""When each job last ran and how it ended, for `doctor`, `jobs list` and the Today screen."""

from __future__ import annotations

from dataclasses import dataclass

from helpspace.core.practice import Practice
from helpspace.core.store.tables import Heartbeat

QUIET = 30
"""Seconds for which a run that did nothing new is not written down again: idle costs no commits."""


@dataclass(frozen=True, slots=True)
class Beat:
    """A job's last run: instants in UTC epoch seconds; `error` is a code, None if all was well."""

    job: str
    began_at: int
    ended_at: int | None
    did: int
    error: str | None


def record(practice: Practice, job: str, began_at: int, did: int, error: str | None) -> None:
    """Write down a run that has ended; a quiet one that repeats the last is left out."""
    with practice.reading() as view:
        last = view.get(Heartbeat, job)
    if last is not None and did == 0 and last.error == error and began_at < last.began_at + QUIET:
        return
    with practice.change() as tx:
        values = {
            "began_at": began_at,
            "ended_at": max(tx.now, began_at),
            "did": did,
            "error": None if error is None else error[:100],
        }
        if not tx.run(Heartbeat.update(**values).where(Heartbeat.job == job)):
            tx.insert_once(Heartbeat, job=job, **values)


def beats(practice: Practice) -> list[Beat]:
    """Return the last run of every job that has ever run, by name."""
    with practice.reading() as view:
        rows = view.rows(Heartbeat.select().order_by(Heartbeat.job))
    return [Beat(row.job, row.began_at, row.ended_at, row.did, row.error) for row in rows]
