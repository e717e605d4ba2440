"""What a key and a change of week cost in the real terminal, with few and many appointments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import cycle, islice
from statistics import median
from zoneinfo import ZoneInfo

from benchmarks import installed
from benchmarks.calendars import calendar_with
from benchmarks.harness import Bench, per, percentile, said
from benchmarks.terminal import Terminal
from helpspace.core.moments import LONDON

TITLE = "A key and a change of week in the calendar"
PROMISED = ("key", "week", "key_growth", "week_growth")

SIZE = (120, 40)
KEYS, WEEKS = 72, 24

DOWN, UP, RIGHT, LEFT = "\x1b[B", "\x1b[A", "\x1b[C", "\x1b[D"
WALK = (DOWN, DOWN, RIGHT, DOWN, LEFT, UP, RIGHT, RIGHT, UP, LEFT, LEFT, UP)
"""A walk that ends where it began, and goes two days to the right."""

MIRRORED = {LEFT: RIGHT, RIGHT: LEFT}

Cost = tuple[float, float, int]
"""Of one key: processor milliseconds, milliseconds until the last byte, bytes."""


def measure(bench: Bench) -> None:
    """Press the same keys in three terminals in turn, each on a store of its own."""
    python = installed.python()
    stores = {
        "10 appointments": calendar_with(bench.stores, 10),
        "10,000, the same ten in sight": calendar_with(bench.stores, 10_000, in_sight=10),
        "10,000, forty a week in sight": calendar_with(bench.stores, 10_000),
    }
    with ExitStack() as stack:
        terminals = {}
        for words, url in stores.items():
            environment = installed.environment(url, bench.stores.folder)
            opened = Terminal([python, "-m", "helpspace", "tui"], SIZE, environment)
            terminals[words] = stack.enter_context(opened)
            opened.read()
        for key, what, keys in (
            ("key", "a key", list(islice(cycle(_walk()), KEYS))),
            ("week", "a change of week", list(_weeks())),
        ):
            costs: dict[str, list[Cost]] = {words: [] for words in terminals}
            for pressed in keys:
                for words, terminal in terminals.items():
                    costs[words].append(_press(terminal, pressed))
            _report(bench, key, what, costs)
    bench.report.note(
        f"Three real terminals of {SIZE[0]}×{SIZE[1]} in turn, {KEYS} arrow keys and {WEEKS}"
        " changes of week each; median processor time of the whole process, as the kernel counts."
        " Where ten are in sight they are this week's and the next's, in both stores the same."
    )


def _walk() -> list[str]:
    """Return a walk that stays in this week, whose day the cursor is on at first."""
    if datetime.now(ZoneInfo(LONDON)).weekday() < 4:
        return list(WALK)
    return [MIRRORED.get(key, key) for key in WALK]


def _weeks() -> Iterator[str]:
    """Turn forth and back, so that the weeks with the ten appointments come again."""
    for _ in range(WEEKS // 4):
        yield from ("]", "]", "[", "[")


def _press(terminal: Terminal, keys: str) -> Cost:
    before = terminal.cpu()
    began = terminal.now()
    answer = terminal.press(keys)
    if not answer:
        raise RuntimeError("a key was not answered")
    spent = (terminal.cpu() - before) * 1000
    return spent, (answer[-1][0] - began) * 1000, sum(len(piece) for _, piece in answer)


def _report(bench: Bench, key: str, what: str, costs: dict[str, list[Cost]]) -> None:
    spent = {words: [cost[0] for cost in found] for words, found in costs.items()}
    for words, found in costs.items():
        walls = [cost[1] for cost in found]
        beside = (
            f"on screen {said(median(walls), 'ms')}, p95 {said(percentile(walls, 0.95), 'ms')},"
            f" {said(median(cost[2] for cost in found), 'bytes')}"
        )
        bench.report.check(key, median(spent[words]), f"{what}, {words}", beside)
    few, many, _ = spent.values()
    bench.report.check(f"{key}_growth", per(many, few), f"{what}, 10,000 against 10")
