"""The first paint of the therapist's terminal against a bare Textual app."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from statistics import median

from benchmarks import installed, rivals
from benchmarks.calendars import calendar_with
from benchmarks.harness import Bench, in_turn, per, said
from benchmarks.terminal import Terminal

TITLE = "First paint of `helpspace tui` against a bare Textual app"
PROMISED = ("first_paint", "first_paint_wide", "memory", "rival_paint")

WIDE = (120, 40)
SIZES = (WIDE, (80, 24))
ROUNDS = 25


def measure(bench: Bench) -> None:
    """Start all in turn, in a real pty of each size."""
    python = installed.python()
    bare: list[str | Path] = [python, Path(__file__).with_name("bare_app.py")]
    ours: list[str | Path] = [python.with_name("helpspace"), "tui"]
    environments = {
        f"{number:,} appointments": installed.environment(
            calendar_with(bench.stores, number), bench.stores.folder
        )
        for number in (0, 10_000)
    }
    any_of = next(iter(environments.values()))
    memory: list[float] = []

    def paint(size: tuple[int, int], words: str | None) -> float:
        command = bare if words is None else ours
        environment = any_of if words is None else environments[words]
        with Terminal(command, size, environment) as terminal:
            seconds = terminal.first_paint(terminal.read())
            if words is not None:
                memory.append(terminal.peak_memory())
            return seconds

    for size in SIZES:
        paint(size, None)
        for environment in environments.values():
            with Terminal(ours, size, environment) as terminal:
                shown = terminal.text(terminal.read())
                assert "Mon" in shown, shown
        sides = [partial(paint, size, words) for words in (None, *environments)]
        bare_times, *times = in_turn(ROUNDS, *sides)
        key = "first_paint_wide" if size == WIDE else "first_paint"
        for words, our_times in zip(environments, times, strict=True):
            beside = f"{_ms(our_times)} / {_ms(bare_times)}"
            what = f"{size[0]}×{size[1]}, {words}: first paint"
            bench.report.check(key, per(our_times, bare_times), what, beside)
    bench.report.check("memory", max(memory), "memory at its peak, the most of all")
    rivals.paint(bench)
    bench.report.note(
        f"From the fork until 90 % of the first screen's cells are final (pyte), {ROUNDS} rounds in"
        " turn; the environment that `make demo` installs, without the `postgres` extra. Rivals"
        " where they are installed (`benchmarks/rivals.py`), with 10,000 events, their caches warm."
    )


def _ms(seconds: list[float]) -> str:
    return said(median(seconds) * 1000, "ms")
