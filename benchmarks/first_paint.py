"""The first paint of the therapist's terminal against a bare Textual app."""

from __future__ import annotations

from pathlib import Path
from statistics import median

from benchmarks import installed
from benchmarks.calendars import calendar_with
from benchmarks.harness import Bench, in_turn, per, said
from benchmarks.terminal import Terminal

TITLE = "First paint of `helpspace tui` against a bare Textual app"
PROMISED = ("first_paint", "memory")

SIZES = ((120, 40), (80, 24))
ROUNDS = 9


def measure(bench: Bench) -> None:
    """Start both in turn, in a real pty of each size."""
    python = installed.python()
    url = calendar_with(bench.stores, 10_000)
    environment = installed.environment(url, bench.stores.folder)
    bare = [python, Path(__file__).with_name("bare_app.py")]
    ours = [python.with_name("helpspace"), "tui"]
    memory: list[float] = []
    for size in SIZES:

        def paint(command: list[str | Path], size: tuple[int, int] = size) -> float:
            with Terminal(command, size, environment) as terminal:
                seconds = terminal.first_paint(terminal.read())
                if command is ours:
                    memory.append(terminal.peak_memory())
                return seconds

        paint(bare)
        with Terminal(ours, size, environment) as terminal:
            shown = terminal.text(terminal.read())
            assert "Mon" in shown, shown
        bare_times, our_times = in_turn(ROUNDS, lambda: paint(bare), lambda: paint(ours))
        ratio = per(our_times, bare_times)
        beside = f"{_ms(our_times)} / {_ms(bare_times)}"
        bench.report.check("first_paint", ratio, f"{size[0]}×{size[1]}: first paint", beside)
    bench.report.check("memory", median(memory), "memory at its peak")
    bench.report.note(
        f"From the fork until 90 % of the first screen's cells are final (pyte), {ROUNDS} pairs in"
        " turn; a store of 10,000 appointments; the environment that `make demo` installs, without"
        " the `postgres` extra."
    )


def _ms(seconds: list[float]) -> str:
    return said(median(seconds) * 1000, "ms")
