"""The sweeps that do what is due."""

from __future__ import annotations

from typing import Annotated

import typer

from helpspace.cli.desk import Desk
from helpspace.cli.options import DryRun
from helpspace.cli.root import noun

app = noun()

SETTLING = ("charges", "refunds", "debts")
"""Jobs that one process at a time does."""


@app.command("list")
def list_(ctx: typer.Context) -> None:
    """List the jobs: what each does, how often, how its last run ended, and who settles now.

    Example: helpspace jobs list
    """
    from helpspace.cli.shapes import moment
    from helpspace.core import lease
    from helpspace.core.heartbeat import beats
    from helpspace.core.plain import plain
    from helpspace.jobs.sweeps import JOBS

    desk = Desk(ctx)
    last = {one.job: one for one in beats(desk.practice)}
    settling = lease.holder(desk.practice)
    holders = {} if settling is None else dict.fromkeys(SETTLING, settling)
    found = [(job, last.get(job.name)) for job in JOBS]
    desk.show_list(
        found,
        lambda pair: {
            "name": pair[0].name,
            "message": pair[0].words,
            "every_seconds": pair[0].every,
            "began_at": moment(pair[1].began_at) if pair[1] else None,
            "ended_at": moment(pair[1].ended_at) if pair[1] else None,
            "did": pair[1].did if pair[1] else None,
            "error": plain(pair[1].error) if pair[1] and pair[1].error else None,
            "holder": plain(holders[pair[0].name].holder) if pair[0].name in holders else None,
            "holder_since": moment(holders[pair[0].name].since)
            if pair[0].name in holders
            else None,
        },
        (
            ("NAME", lambda pair: pair[0].name),
            ("EVERY", lambda pair: f"{pair[0].every} s"),
            ("LAST RUN", lambda pair: desk.at(pair[1].began_at) if pair[1] else "never"),
            ("DID", lambda pair: str(pair[1].did) if pair[1] else ""),
            ("ERROR", lambda pair: (pair[1].error or "") if pair[1] else ""),
            ("DOES", lambda pair: pair[0].words),
        ),
        nothing="",
    )
    if settling is not None:
        desk.say(f"Settling: process {settling.holder}, since {desk.at(settling.since)}.")


@app.command()
def run(
    ctx: typer.Context,
    names: Annotated[
        list[str] | None, typer.Argument(metavar="[NAME...]", help="Which; else all.")
    ] = None,
    dry_run: DryRun = False,
) -> None:
    """Do one sweep of each named job, or of all, say what it did, and exit.

    Exit 1 if a job failed. With --dry-run only say which jobs would run.

    Example: helpspace jobs run charges delivery
    """
    from helpspace.jobs import sweeps
    from helpspace.wiring import open_outside, remember_mode

    desk = Desk(ctx)
    wanted = [sweeps.job_named(name).name for name in names or ()]
    if dry_run:
        jobs = [job for job in sweeps.JOBS if job.name in wanted or not wanted]
        desk.show_list(
            jobs,
            lambda job: {"name": job.name, "message": job.words, "dry_run": True},
            (("WOULD RUN", lambda job: job.name), ("TO", lambda job: job.words)),
            nothing="",
        )
        desk.say_rehearsed()
        return
    remember_mode(desk.practice)
    outside = open_outside(desk.settings, desk.practice)
    try:
        done = sweeps.run(desk.practice, outside, wanted)
    finally:
        outside.close()
    desk.show_list(
        done,
        lambda pair: {
            "name": pair[0],
            "did": pair[1].did,
            "message": pair[1].words,
            "error": pair[1].error,
        },
        (
            ("JOB", lambda pair: pair[0]),
            ("DID", lambda pair: pair[1].words),
            ("ERROR", lambda pair: pair[1].error or ""),
        ),
        nothing="",
    )
    if any(report.error for _, report in done):
        raise typer.Exit(1)
