"""The tree of commands: what every command has, what is documented, what help does not load."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from helpspace.cli import reference
from helpspace.cli.root import COMMANDS
from tests.cli.conftest import CommandLine

ROOT = Path(__file__).parents[2]

PROMISED = (
    "init", "serve", "tui", "doctor", "demo", "populate", "sandbox serve", "therapists list",
    "therapists show", "clients list", "clients show", "slots list", "slots open", "slots close",
    "appointments list", "appointments show", "appointments book", "appointments cancel",
    "appointments export-ics",
    "appointments move", "appointments waive", "appointments no-show", "appointments absences",
    "appointments absence", "slots time-off list", "slots time-off take", "slots time-off lift",
    "clients resume-charges", "clients export", "clients erase", "clients tickets list",
    "clients tickets show", "clients tickets answer", "appointments refuse-move",
    "clients invitations list", "clients invitations make", "clients invitations withdraw",
    "charges explain", "charges receipt", "charges retry", "payouts", "report income",
    "charges list", "refunds list", "notices list", "notices resend", "jobs list", "jobs run",
    "reconcile", "store check", "store stats", "store mend-clock", "store backup",
    "store restore", "store move-to-postgres", "audit", "join", "upload",
    "applications list", "applications show", "applications review", "applications registered",
    "applications approve", "applications return", "applications open", "applications renewals",
    "applications renewal", "therapists suspend", "therapists reinstate", "therapists invite",
    "therapists ssh-key add", "therapists ssh-key list", "therapists ssh-key revoke",
    "therapists unlock",
)  # fmt: skip

CHANGING = {
    "appointments move", "appointments waive", "appointments no-show", "appointments absence",
    "slots time-off take", "slots time-off lift", "clients resume-charges",
    "clients erase", "clients tickets answer", "appointments refuse-move",
    "clients invitations make", "clients invitations withdraw",
    "reconcile", "store backup", "store restore", "store move-to-postgres",
    "charges retry",
    "init", "populate", "slots open", "slots close", "appointments book", "appointments cancel",
    "notices resend", "jobs run", "store mend-clock", "join", "upload", "applications review",
    "applications registered", "applications approve", "applications return",
    "applications renewal", "therapists suspend", "therapists reinstate", "therapists invite",
    "therapists ssh-key add", "therapists ssh-key revoke", "therapists unlock",
}  # fmt: skip

HEAVY = (
    "textual", "telegram", "stripe", "apscheduler", "jinja2", "starlette", "peewee", "rich",
    "uvicorn", "httpx", "cryptography", "psycopg",
)  # fmt: skip


def _all() -> dict[str, Any]:
    found = [pair for word in COMMANDS for pair in reference.commands(word)]
    return {path.removeprefix("helpspace "): command for path, command in found}


def _options(command: Any) -> set[str]:
    shown = [param for param in command.params if not getattr(param, "hidden", False)]
    return {name for param in shown for name in param.opts}


def test_the_promised_commands_exist_and_no_other() -> None:
    assert set(_all()) == set(PROMISED)


@pytest.mark.parametrize("path", PROMISED)
def test_every_command_takes_json_and_tells_of_itself(bare: CommandLine, path: str) -> None:
    command = _all()[path]
    assert {"--json", "--utc", "--debug"} <= _options(command)
    assert ("--dry-run" in _options(command)) == (path in CHANGING)
    about, _, example = (command.help or "").partition("Example: ")
    assert about.strip()
    assert example.startswith(f"helpspace {path}")
    shown = bare(*path.split(), "--help")
    assert shown.code == 0
    assert shown.err == ""
    for name in _options(command) | {"--help"}:
        assert not name.startswith("--") or name in shown.out


def test_the_options_of_all_commands_may_stand_before_the_command(bare: CommandLine) -> None:
    bare("init")
    assert bare("--json", "slots", "list").out == bare("slots", "list", "--json").out == "[]\n"


def test_no_argument_at_all_shows_the_help(bare: CommandLine) -> None:
    assert bare().out == bare("--help").out
    assert bare().code == 0
    for word in COMMANDS:
        assert re.search(rf"^  {word} ", bare().out, re.MULTILINE)


def test_the_version(bare: CommandLine) -> None:
    from helpspace import __version__

    assert bare("--version").out == f"helpspace {__version__}\n"


def test_the_reference_is_what_the_commands_say() -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert written == reference.text(), "run: python -m helpspace.cli.reference >docs/commands.md"


@pytest.mark.parametrize("path", PROMISED)
def test_every_command_is_in_the_reference(path: str) -> None:
    written = (ROOT / "docs" / "commands.md").read_text(encoding="utf-8")
    assert re.search(rf"^##+ helpspace {path}$", written, re.MULTILINE)


@pytest.mark.parametrize(
    "argv", [["--help"], ["slots", "--help"], ["appointments", "book", "--help"]]
)
def test_help_loads_nothing_heavy(argv: list[str], tmp_path: Path) -> None:
    script = (
        "import sys\nfrom helpspace.__main__ import main\ncode = main(sys.argv[1:])\n"
        "sys.stderr.write(' '.join(sorted(name.partition('.')[0] for name in sys.modules)))\n"
        "sys.exit(code)"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, *argv], capture_output=True, text=True, check=True, cwd=ROOT
    )
    assert set(HEAVY).isdisjoint(done.stderr.split())


def test_listing_slots_loads_no_more_than_the_store(bare: CommandLine) -> None:
    script = (
        "import sys\nfrom helpspace.__main__ import main\n"
        f"code = main(['slots', 'list'], environment={bare.environment!r})\n"
        "sys.stderr.write(' '.join(sorted(sys.modules)))\nsys.exit(code)"
    )
    bare("init")
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    loaded = set(done.stderr.split())
    assert (set(HEAVY) - {"peewee", "psycopg"}).isdisjoint(loaded)
    assert {"helpspace.core.booking", "helpspace.core.notices", "helpspace.jobs"}.isdisjoint(loaded)
