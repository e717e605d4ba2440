"""The calendar beside other calendars for the terminal, where they are installed.

They are looked for on the PATH and in the folder that `BENCH_RIVALS` names, such as the
`bin` of an environment of their own: `pip install khal "urwid<4" calcure`.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
import time
from collections.abc import Callable
from contextlib import ExitStack
from datetime import UTC, datetime
from pathlib import Path
from statistics import median
from typing import NamedTuple

from benchmarks import installed
from benchmarks.calendars import CLIENTS, calendar_with, starts
from benchmarks.filling import MINUTES
from benchmarks.harness import Bench, in_turn, per, percentile, said
from benchmarks.terminal import Terminal

SIZE, EVENTS, ROUNDS, KEYS = (120, 40), 10_000, 7, 60

LOCALES = {"ikhal": "C", "calcure": "C.UTF-8"}
"""ikhal ends at once under C.UTF-8, the usual one of a container; calcure needs it."""

DRAWN = 100
"""The fewest bytes of a key's answer: less is a terminal's echo."""

OURS = "ours"

Command = list[str | Path]


class Side(NamedTuple):
    """A calendar with its events: how it is started, and the two keys that go forth and back."""

    command: Command
    environment: dict[str, str]
    forth: str
    back: str


def paint(bench: Bench) -> None:
    """Start all in turn, with 10,000 events each: first paint against ikhal is promised."""

    def start(side: Side) -> Callable[[], float]:
        def painted() -> float:
            with Terminal(side.command, SIZE, side.environment) as terminal:
                return terminal.first_paint(terminal.read())

        return painted

    acts = {name: start(side) for name, side in _sides(bench, "rival_paint").items()}
    if len(acts) == 1:
        return
    for act in acts.values():
        act()
    times = dict(zip(acts, in_turn(ROUNDS, *acts.values()), strict=True))
    for name in [name for name in times if name != OURS]:
        found = (median(times[OURS]) * 1000, median(times[name]) * 1000)
        beside = " / ".join(said(figure, "ms") for figure in found)
        if name == "ikhal":
            ratio = per(times[OURS], times[name])
            bench.report.check("rival_paint", ratio, "120×40: first paint against ikhal", beside)
        else:
            bench.report.say(f"120×40: first paint, beside {name}", beside)


def press(bench: Bench) -> None:
    """Press keys in all in turn: a day, in calcure a month, forth and back."""
    sides = _sides(bench, "rival_key")
    if len(sides) == 1:
        return
    walls: dict[str, list[float]] = {name: [] for name in sides}
    with ExitStack() as stack:
        terminals = {}
        for name, side in sides.items():
            opened = Terminal(side.command, SIZE, side.environment)
            terminals[name] = stack.enter_context(opened)
            opened.read()
        for number in range(KEYS):
            for name, terminal in terminals.items():
                key = sides[name].back if number % 2 else sides[name].forth
                began = terminal.now()
                answer = terminal.press(key)
                if sum(len(piece) for _, piece in answer) >= DRAWN:
                    walls[name].append((answer[-1][0] - began) * 1000)
    for name, found in walls.items():
        if len(found) < KEYS // 2:
            bench.report.fail(f"{name} did not answer its keys")
        elif name != OURS:
            figures = (median(walls[OURS]), median(found), percentile(found, 0.95))
            mine, theirs, worst = (said(figure, "ms") for figure in figures)
            beside = f"{mine} / {theirs}, its p95 {worst}"
            what = f"a key on screen against {name}"
            bench.report.check("rival_key", figures[0] / figures[1], what, beside)


def _sides(bench: Bench, key: str) -> dict[str, Side]:
    """Return our calendar and those that are installed, each with its events."""
    url = calendar_with(bench.stores, EVENTS)
    ours: Command = [installed.python().with_name("helpspace"), "tui"]
    environment = installed.environment(url, bench.stores.folder)
    days = ("\x1b[C", "\x1b[D") if datetime.now(UTC).weekday() < 6 else ("\x1b[D", "\x1b[C")
    sides = {OURS: Side(ours, environment, *days)}  # within the week that is shown
    for name, prepare in (("ikhal", _ikhal), ("calcure", _calcure)):
        where = _where(name)
        if where is None:
            bench.report.excuse(key, f"{name} is not installed here")
            continue
        home = Path(tempfile.mkdtemp(prefix=name, dir=bench.stores.folder))
        command, (forth, back) = prepare(where, home)
        environment = {**installed.environment(url, home), "LC_ALL": LOCALES[name]}
        sides[name] = Side(command, environment, forth, back)
    return sides


def _where(name: str) -> Path | None:
    folder = os.environ.get("BENCH_RIVALS", "")
    found = shutil.which(name, path=os.pathsep.join([folder, os.environ.get("PATH", "")]))
    return Path(found) if found else None


def _ikhal(program: Path, home: Path) -> tuple[Command, tuple[str, str]]:
    """Fill a folder of ICS files and khal's cache; its keys go a day forth and back."""
    events = home / "events"
    events.mkdir()
    for number, (start, title) in enumerate(_events()):
        at, end = (datetime.fromtimestamp(one, UTC) for one in (start, start + MINUTES * 60))
        (events / f"{number}.ics").write_text(
            "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//bench//EN\r\nBEGIN:VEVENT\r\n"
            f"UID:bench-{number}\r\nDTSTAMP:{at:%Y%m%dT%H%M%SZ}\r\nDTSTART:{at:%Y%m%dT%H%M%SZ}\r\n"
            f"DTEND:{end:%Y%m%dT%H%M%SZ}\r\nSUMMARY:{title}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n"
        )
    config = home / "khal.conf"
    config.write_text(
        f"[calendars]\n[[sessions]]\npath = {events}\ntype = calendar\n"
        "[locale]\nlocal_timezone = Europe/London\ndefault_timezone = Europe/London\n"
        "timeformat = %H:%M\ndateformat = %d/%m/%Y\nlongdateformat = %d/%m/%Y\n"
        "datetimeformat = %d/%m/%Y %H:%M\nlongdatetimeformat = %d/%m/%Y %H:%M\n"
        f"[default]\ndefault_calendar = sessions\n[sqlite]\npath = {home / 'khal.db'}\n"
    )
    environment = {**os.environ, "HOME": str(home), "LC_ALL": LOCALES["ikhal"]}
    warm = [program.with_name("khal"), "-c", config, "list", "today", "1d"]
    subprocess.run(warm, env=environment, capture_output=True, check=True)
    return [program, "-c", config], ("\x1b[C", "\x1b[D")


def _calcure(program: Path, home: Path) -> tuple[Command, tuple[str, str]]:
    """Fill calcure's file of events; its keys go a month forth and back."""
    folder = home / ".config" / "calcure"
    folder.mkdir(parents=True)
    lines = []
    for number, (start, title) in enumerate(_events()):
        at = datetime.fromtimestamp(start, UTC)
        words = f"{at:%H:%M} {title}"
        lines.append(f'{number},{at.year},{at.month},{at.day},"{words}",1,once,normal\n')
    (folder / "events.csv").write_text("".join(lines))
    return [program, f"--folder={folder}"], ("n", "p")


def _events() -> list[tuple[int, str]]:
    found = sorted(starts(int(time.time()), EVENTS))
    return [(start, f"Client {at % CLIENTS}") for at, start in enumerate(found)]
