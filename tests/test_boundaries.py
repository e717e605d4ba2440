"""The rooms and their floors: who may import whom, and what a start loads (ARCHITECTURE.md)."""

from __future__ import annotations

import ast
import re
import subprocess
import sys
from functools import cache
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "helpspace"

FLOORS = {
    "core": 0, "settings": 0, "collecting": 0, "ics": 0, "filing": 0,
    "jobs": 1, "tui": 1, "bot": 1, "web": 1, "templates": 1,
    "wiring": 2, "serve": 2, "logs": 2, "hosted": 2,
    "cli": 3, "sandbox": 3, "__main__": 3, "__init__": 3,
}  # fmt: skip
"""Rooms by floor; none imports from a floor above."""

APART = {"jobs", "tui", "bot", "web"}
"""Rooms of one floor that never import each other; interfaces meet only in the store."""

HEAVY = (
    "textual", "telegram", "stripe", "apscheduler", "typer", "starlette", "uvicorn", "jinja2",
    "aiosmtpd", "icalendar", "segno",
)  # fmt: skip

MOST_LINES = 400


@cache
def modules(folder: Path = PACKAGE) -> list[Path]:
    return sorted(path for path in folder.rglob("*.py") if "migrations" not in path.parts)


def name_of(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


@cache
def known() -> frozenset[str]:
    return frozenset(name_of(path) for path in modules())


def imports_of(path: Path, *, top_only: bool = False) -> set[str]:
    """Return the names of our modules that a module imports, or may import later."""
    tree = ast.parse(path.read_text())
    nodes = tree.body if top_only else list(ast.walk(tree))
    found: set[str] = set()
    for node in nodes:
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            whole = {f"{node.module}.{alias.name}" for alias in node.names}
            found |= {name if name in known() else node.module for name in whole}
    return {name for name in found if name.split(".")[0] == "helpspace"}


def room_of(name: str) -> str:
    parts = name.split(".")
    return parts[1] if len(parts) > 1 else "__init__"


@pytest.mark.parametrize("path", modules(), ids=lambda path: str(path.relative_to(PACKAGE)))
def test_no_import_runs_back_up(path: Path) -> None:
    room = room_of(name_of(path))
    for name in imports_of(path):
        other = room_of(name)
        assert FLOORS[other] <= FLOORS[room], f"{room} imports {name} from a floor above"
        assert other == room or not {room, other} <= APART, f"{room} imports {name}"


def test_there_is_no_circle() -> None:
    graph = {name_of(path): imports_of(path, top_only=True) for path in modules()}
    for name, others in graph.items():
        others.discard(name)
        # A package is not its modules: `from helpspace.core import x` needs x alone.
        others -= {other for other in others if name.startswith(f"{other}.")}
    try:
        TopologicalSorter(graph).prepare()
    except CycleError as error:
        pytest.fail(f"circle: {' -> '.join(error.args[1])}")


LOADS = """
import importlib, os, sys
kit, heavy, names = (argument.split(",") for argument in sys.argv[1:])
for name in kit:
    importlib.import_module(name)
for name in names:
    if os.fork() == 0:
        importlib.import_module(name)
        loaded = [one for one in heavy if one in sys.modules]
        if loaded:
            print(f"{name} loads {', '.join(loaded)}", flush=True)
        os._exit(0)
    if os.wait()[1]:
        print(f"{name} cannot be imported by itself", flush=True)
"""


def loads(kit: tuple[str, ...], heavy: set[str], names: list[str]) -> str:
    """Import each module in an interpreter that has nothing but its kit; return the complaints."""
    done = subprocess.run(
        [sys.executable, "-c", LOADS, ",".join(kit), ",".join(heavy), ",".join(names)],
        capture_output=True, text=True, check=True, cwd=ROOT,
    )  # fmt: skip
    return done.stdout


def test_the_core_loads_none_of_the_outside() -> None:
    names = [name_of(path) for path in modules(PACKAGE / "core")] + ["helpspace.settings"]
    assert len(names) > 30
    assert loads(("peewee", "cryptography"), set(HEAVY), names) == ""


@pytest.mark.parametrize(
    ("room", "kit", "others"),
    [
        ("tui", ("textual.app",), {"telegram", "stripe", "apscheduler", "typer", "starlette"}),
        ("bot", ("telegram.ext",), {"textual", "stripe", "typer", "starlette", "aiosmtpd"}),
        ("jobs", ("stripe", "telegram.ext"), {"textual", "typer", "starlette"}),
        ("web", ("starlette",), {"textual", "telegram", "stripe", "apscheduler", "typer"}),
    ],
)
def test_an_interface_loads_only_its_own_kit(
    room: str, kit: tuple[str, ...], others: set[str]
) -> None:
    # The core, which the test above has seen to load nothing of theirs, is loaded once for all.
    core = [name_of(path) for path in modules(PACKAGE / "core")]
    names = [name_of(path) for path in modules(PACKAGE / room)]
    assert loads((*kit, "peewee", *core), others, names) == ""


HELP = """
import runpy, sys
sys.argv = ["helpspace", "--help"]
try:
    runpy.run_module("helpspace", run_name="__main__", alter_sys=True)
except SystemExit as end:
    assert not end.code, end.code
print("LOADED", *sorted({name.split(".")[0] for name in sys.modules}))
"""


def test_help_loads_nothing_heavy() -> None:
    done = subprocess.run(
        [sys.executable, "-c", HELP], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert "demo" in done.stdout
    loaded = set(done.stdout.rpartition("LOADED")[2].split())
    heavy = {*HEAVY, "peewee", "psycopg", "cryptography", "asyncio"} - {"typer"}
    assert loaded & heavy == set()


START = """
import sys
import textual.app, textual.driver
before = set(sys.modules)
import helpspace.cli.run, helpspace.cli.opening, helpspace.cli.whose, helpspace.wiring
import helpspace.core.profiles, helpspace.tui.app
print(*sorted(set(sys.modules) - before))
"""

LATE = (
    "dotenv", "graphlib", "email_validator", "PIL", "idna", "dns", "playhouse",
    "helpspace.core.wishes", "helpspace.core.matching", "helpspace.core.notices",
    "helpspace.core.reminders", "helpspace.core.offload", "helpspace.core.store.guards",
    "helpspace.core.store.declared", "helpspace.core.store.migrations",
    "helpspace.core.store.tables.following", "helpspace.core.store.tables.joining",
    "helpspace.core.store.tables.money", "helpspace.core.store.tables.processes",
    "helpspace.core.store.tables.rights", "helpspace.core.store.tables.words",
    "helpspace.core.store.rows", "helpspace.core.keeping", "helpspace.core.letters",
    "helpspace.core.booking", "helpspace.core.files", "helpspace.core.privacy",
    "helpspace.core.today", "helpspace.core.reports", "helpspace.tui.screens",
    "helpspace.tui.form_keys", "helpspace.tui.commands", "helpspace.tui.quick_add",
    "helpspace.tui.finding",
    "helpspace.tui.widgets.mini_month", "helpspace.tui.widgets.month_view",
    "helpspace.tui.widgets.agenda_view", "helpspace.tui.widgets.field",
)  # fmt: skip
"""What the calendar's first screen does not need: loaded when it is first asked for."""

ROOMS = (
    "clients",
    "join",
    "learn",
    "lock",
    "money",
    "opened",
    "profile",
    "settings",
    "today",
    "tour",
)
"""Rooms of the terminal of which the start knows a few acts, but neither screen nor keys."""

MOST_OF_OURS = 88
"""Modules of ours that the calendar's start loads; each takes about a tenth of a millisecond."""


@cache
def started() -> frozenset[str]:
    done = subprocess.run(
        [sys.executable, "-c", START], capture_output=True, text=True, check=True, cwd=ROOT
    )
    return frozenset(done.stdout.split())


def test_the_calendar_starts_lazily() -> None:
    loaded = started()
    late = {name for name in loaded for one in LATE if name == one or name.startswith(f"{one}.")}
    assert late == set()
    rooms = {f"helpspace.tui.{room}" for room in ROOMS}
    light = {f"{room}.acts" for room in rooms} | rooms
    inside = {name for name in loaded if name.startswith(tuple(f"{room}." for room in rooms))}
    assert inside <= light
    assert loaded & set(HEAVY) == set()
    assert "cryptography" not in loaded
    assert len([name for name in loaded if name.startswith("helpspace.")]) <= MOST_OF_OURS


FORBIDDEN = re.compile(
    r"datetime\.(now|utcnow|today)|date\.today|time\.(time|monotonic)|\brandom\.|uuid\d|"
    r"secrets\.|urandom"
)
SOURCES = {"clock.py", "ids.py", "vault.py", "pacing.py"}
"""Where time and chance come from; the vault makes its key, once, and pacing only waits."""


def test_the_core_takes_time_and_chance_from_one_place() -> None:
    """Else a run could not be repeated, nor the clock be moved (D4)."""
    found = [
        f"{path.relative_to(PACKAGE)}:{number}: {line.strip()}"
        for path in modules(PACKAGE / "core")
        if path.name not in SOURCES
        for number, line in enumerate(path.read_text().splitlines(), 1)
        if FORBIDDEN.search(line)
    ]
    assert found == []


def test_no_module_grows_over_400_lines() -> None:
    lengths = {
        str(path.relative_to(PACKAGE)): len(path.read_text().splitlines()) for path in modules()
    }
    assert {name for name, lines in lengths.items() if lines > MOST_LINES} == set()
