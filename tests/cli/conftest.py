"""The command line in process, on the store and the clock of the test."""

from __future__ import annotations

import base64
import io
import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from helpspace.__main__ import main
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests import makers


@dataclass(frozen=True)
class Answer:
    """What a run of the command line left behind."""

    code: int
    out: str
    err: str

    @property
    def json(self) -> Any:
        """The one JSON document on stdout."""
        return json.loads(self.out)

    @property
    def line(self) -> str:
        """The only line on stderr."""
        lines = self.err.splitlines()
        assert len(lines) == 1, self.err
        return lines[0]


class CommandLine:
    """Runs commands with an environment of its own; nobody answers unless told what."""

    def __init__(
        self,
        environment: dict[str, str],
        clock: MovableClock,
        capsys: pytest.CaptureFixture[str],
        monkeypatch: pytest.MonkeyPatch,
    ) -> None:
        self.environment = environment
        self._clock = clock
        self._capsys = capsys
        self._monkeypatch = monkeypatch

    def __call__(self, *argv: str, answer: str = "", **settings: str) -> Answer:
        """Run one command; `settings` are names without their HELPSPACE_."""
        self._capsys.readouterr()
        self._monkeypatch.setattr("sys.stdin", io.StringIO(answer))
        environment = self.environment | {f"HELPSPACE_{k}": v for k, v in settings.items()}
        code = main(argv, environment=environment, clock=self._clock)
        out, err = self._capsys.readouterr()
        return Answer(code, out, err)

    def json(self, *argv: str) -> Any:
        """Run a command that succeeds and return its JSON."""
        answer = self(*argv, "--json")
        assert answer.code == 0, answer.err
        return answer.json


@pytest.fixture
def environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> dict[str, str]:
    """An environment with folders of its own, and a store that is not there yet."""
    monkeypatch.chdir(tmp_path)
    return {
        "HELPSPACE_CONFIG": str(tmp_path / "config" / "helpspace.env"),
        "HELPSPACE_DATABASE": f"sqlite:///{tmp_path / 'data' / 'new.db'}",
        "HELPSPACE_VIDEO": "https://video.example.org",
    }


@pytest.fixture
def bare(
    environment: dict[str, str],
    clock: MovableClock,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> CommandLine:
    """The command line where nothing has been made yet."""
    return CommandLine(environment, clock, capsys, monkeypatch)


@pytest.fixture
def cli(bare: CommandLine, practice: Practice, tmp_path: Path) -> CommandLine:
    """The command line on the practice of the test."""
    key = tmp_path / "test.key"
    key.write_bytes(base64.b64encode(makers.KEY))
    key.chmod(0o600)
    bare.environment |= {
        "HELPSPACE_DATABASE": practice.settings.database,
        "HELPSPACE_KEY_FILE": str(key),
    }
    return bare
