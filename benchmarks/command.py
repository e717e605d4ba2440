"""A list command, the whole process, against a bare Typer command."""

from __future__ import annotations

import subprocess
from pathlib import Path
from statistics import median

from benchmarks import filling, installed
from benchmarks.harness import Bench, in_turn, per, said, seconds
from helpspace.core.clock import SystemClock
from helpspace.core.moments import DAY

TITLE = "`helpspace slots list` against a bare Typer command"
PROMISED = ("command",)

ROUNDS = 25


def measure(bench: Bench) -> None:
    """Run both in turn on a store of ten therapists with a hundred open slots."""
    python = installed.python()
    url = bench.stores.new("sqlite")
    with bench.stores.practice(url, clock=SystemClock()) as practice:
        therapists = filling.therapists(practice, 10)
        starts = filling.working_hours(practice.now() + 7 * DAY, 10)
        filling.slots(practice, therapists, starts)
    environment = installed.environment(url, bench.stores.folder)
    bare = [python, Path(__file__).with_name("bare_command.py")]
    ours = [python, "-m", "helpspace", "slots", "list"]
    assert run(ours, environment).count("\n") > 100
    run(bare, environment)
    bare_times, our_times = in_turn(
        ROUNDS,
        lambda: seconds(lambda: run(bare, environment)),
        lambda: seconds(lambda: run(ours, environment)),
    )
    beside = " / ".join(said(median(times) * 1000, "ms") for times in (our_times, bare_times))
    bench.report.check("command", per(our_times, bare_times), "100 slots", beside)
    bench.report.note(f"{ROUNDS} pairs in turn, without the `postgres` extra.")


def run(command: list[str | Path], environment: dict[str, str]) -> str:
    """Run a command to its end and return what it wrote."""
    done = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    return done.stdout
