"""Processes of their own for the tests: started together, told to go at once, killed at will."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


class Worker:
    """A process that runs a piece of Python; it says "ready" and waits for "go" where it asks to.

    The code finds `ready()`, which does both, and `say(text)`, whose lines come out of `hear`.
    """

    def __init__(self, code: str, *arguments: str) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-c", _PROLOGUE + code, *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env={**os.environ, "PYTHONPATH": str(ROOT), "PYTHONWARNINGS": "default"},
        )

    @property
    def pid(self) -> int:
        return self._process.pid

    def hear(self) -> str:
        """Return the next line it says; an empty text when it has ended."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().rstrip("\n")

    def wait_ready(self) -> None:
        """Return once it is at its `ready()`."""
        line = self.hear()
        if line != "ready":
            raise AssertionError(f"{line!r} instead of ready: {self.finish()}")

    def go(self) -> None:
        """Let it go on from its `ready()`."""
        assert self._process.stdin is not None
        self._process.stdin.write("go\n")
        self._process.stdin.flush()

    def kill(self) -> None:
        """End it as the power cut would."""
        self._process.kill()
        self._process.communicate()

    def finish(self) -> tuple[int, list[str], str]:
        """Wait for its end: exit code, the lines it still said, and its complaints."""
        said, complaints = self._process.communicate(timeout=100)
        return self._process.returncode, said.splitlines(), complaints


_PROLOGUE = """
import sys

def say(text):
    print(text, flush=True)

def ready():
    say("ready")
    sys.stdin.readline()

"""


def all_at_once(workers: list[Worker]) -> list[tuple[int, list[str], str]]:
    """Let workers go together once all are ready, and return how each ended."""
    for worker in workers:
        worker.wait_ready()
    for worker in workers:
        worker.go()
    return [worker.finish() for worker in workers]
