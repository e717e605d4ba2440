"""BENCHMARKS.md, written from a run."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from pathlib import Path

from benchmarks.harness import Report

PATH = Path(__file__).parent.parent / "BENCHMARKS.md"

HEAD = """# Benchmarks

Written by `.venv/bin/python -m benchmarks --write{alone}` from one run; do not edit by hand.
`make bench` repeats it (about {minutes} minutes), `.venv/bin/python -m benchmarks NAME` one table.

Where two things are compared, they took turns in that run and the ratio is the median of the pairs:
ratios travel to another machine, the other figures are this machine's. Limits are the promises of
the issues; `make bench` ends with 1 when one is missed.

{machine}
"""


def write(reports: Sequence[Report], took: float, *, alone: bool) -> None:
    """Write the paper."""
    minutes = max(1, round(took / 60))
    text = HEAD.format(
        minutes=minutes, alone=" --alone" if alone else "", machine=_machine(alone=alone)
    )
    PATH.write_text(text + "".join(line for report in reports for line in _section(report)))
    sys.stdout.write(f"Written: {PATH.name}\n")


def _machine(*, alone: bool) -> str:
    today = datetime.now(UTC).date()
    shared = f"shared with other work (load {os.getloadavg()[0]:.1f})"
    if alone:
        shared += (
            ", which waited (`--alone`: the real-time class; the disk was shared all the same)"
        )
    return (
        f"{today:%d %B %Y}, {platform.system()} on {platform.machine()}, {os.cpu_count()} cores"
        f" {shared}, Python {platform.python_version()}."
    )


def _section(report: Report) -> Iterator[str]:
    yield f"\n## {report.title}\n\n`.venv/bin/python -m benchmarks {report.name}`\n\n"
    yield "| what | figure | limit | |\n|---|---|---|---|\n"
    for row in report.rows:
        yield f"| {row.what} | {row.figure} | {row.limit} | {row.verdict} |\n"
    if report.notes:
        yield "\n" + "\n".join(report.notes) + "\n"
