"""What a key and a change of week cost in the real terminal, with few and many appointments."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from zoneinfo import ZoneInfo

from benchmarks import installed, rivals
from benchmarks.calendars import calendar_with
from benchmarks.harness import Bench, per, percentile, said
from benchmarks.terminal import QUIET, Terminal
from helpspace.core.moments import LONDON

TITLE = "A key and a change of week in the calendar"
PROMISED = (
    "key", "week", "key_growth", "week_growth", "key_p50", "key_p95", "key_stores", "rival_key",
)  # fmt: skip

SIZE = (120, 40)
KEYS, WEEKS = 72, 24

DOWN, UP, RIGHT, LEFT = "\x1b[B", "\x1b[A", "\x1b[C", "\x1b[D"
WALK = (DOWN, DOWN, RIGHT, DOWN, LEFT, UP, RIGHT, RIGHT, UP, LEFT, LEFT, UP)
"""A walk that ends where it began, and goes two days to the right."""

FROM = 9 * 60 + 30
"""The minute of next week's Monday where it begins: among the sessions of those who have many."""

BARE, EMPTY, MANY = "a bare grid", "no appointment", "10,000, forty a week in sight"
TEN = ("10 appointments", "10,000, the same ten in sight")

Cost = tuple[float, float, int]
"""Of one key: processor milliseconds, milliseconds until the last byte, bytes."""


def measure(bench: Bench) -> None:
    """Press the same keys in all terminals in turn, each on a store of its own."""
    python = installed.python()
    stores = {
        EMPTY: calendar_with(bench.stores, 0),
        TEN[0]: calendar_with(bench.stores, 10),
        TEN[1]: calendar_with(bench.stores, 10_000, in_sight=10),
        MANY: calendar_with(bench.stores, 10_000),
    }
    with ExitStack() as stack:
        terminals = {}
        for words, url in ({BARE: ""} | stores).items():
            environment = installed.environment(url, bench.stores.folder)
            command = [python, Path(__file__).with_name("bare_grid.py")]
            ours = [python, "-m", "helpspace", "tui"]
            opened = Terminal(command if words == BARE else ours, SIZE, environment)
            terminals[words] = stack.enter_context(opened)
            opened.read()
            opened.press(_way(), quiet=QUIET)
        for key, what, keys in (
            ("key", "a key", list(islice(cycle(WALK), KEYS))),
            ("week", "a change of week", list(_weeks())),
        ):
            costs: dict[str, list[Cost]] = {words: [] for words in terminals}
            for pressed in keys:
                for words, terminal in terminals.items():
                    costs[words].append(_press(terminal, pressed))
            _report(bench, key, what, costs)
    rivals.press(bench)
    bench.report.note(
        f"Five real terminals of {SIZE[0]}×{SIZE[1]} in turn, {KEYS} arrow keys and {WEEKS}"
        " changes of week each, from next Monday at half past nine; median processor time of the"
        " whole process, as the kernel counts."
        " Where ten are in sight they are this week's and the next's, in both stores the same. On"
        " screen is from the key to the last byte; the bare grid is one that draws its lines, with"
        " as much beside it, and knows nobody (`benchmarks/bare_grid.py`)."
        " Rivals where they are installed, with 10,000 events: a day forth and back, in calcure a"
        " month."
    )


def _way() -> str:
    """Return the keys from where the cursor is at first to where the walk begins."""
    now = datetime.now(ZoneInfo(LONDON))
    halves = (FROM - now.hour * 60 - now.minute // 30 * 30) // 30
    return "]" + LEFT * now.weekday() + (DOWN if halves > 0 else UP) * abs(halves)


def _weeks() -> Iterator[str]:
    """Turn forth and back, so that the weeks with the ten appointments come again."""
    for _ in range(WEEKS // 4):
        yield from ("[", "]", "]", "[")


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
        if words == BARE:
            bench.report.say(f"{what}, {words}", f"{said(median(spent[words]), 'ms')} ({beside})")
        else:
            bench.report.check(key, median(spent[words]), f"{what}, {words}", beside)
    few, many = (spent[words] for words in TEN)
    bench.report.check(f"{key}_growth", per(many, few), f"{what}, 10,000 against 10")
    if key == "key":
        _compare(bench, {words: [cost[1] for cost in found] for words, found in costs.items()})


def _compare(bench: Bench, walls: dict[str, list[float]]) -> None:
    """Hold the time on screen against the bare grid, and 10,000 against none."""
    for words in (EMPTY, MANY):
        p50 = median(walls[words]) / median(walls[BARE])
        p95 = percentile(walls[words], 0.95) / percentile(walls[BARE], 0.95)
        bench.report.check("key_p50", p50, f"a key on screen, {words}: against a bare grid")
        bench.report.check("key_p95", p95, f"the same, p95, {words}: against a bare grid")

    growth = median(walls[MANY]) / median(walls[EMPTY])
    bench.report.check("key_stores", growth, "a key on screen, 10,000 against none")
