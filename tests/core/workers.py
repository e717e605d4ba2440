"""Processes of their own for the tests: told to go together, spoken with, killed at will.

They are forked from a server process that has the core loaded already, so that eight of them cost
no more than one; no connection is open in it that a fork could share.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import sys
import traceback
from multiprocessing.connection import Connection
from typing import Any

_CONTEXT = multiprocessing.get_context("forkserver")
_CONTEXT.set_forkserver_preload(["tests.core.preloaded"])


def _live(code: str, arguments: tuple[str, ...], line: Connection) -> None:
    """Be a worker: run the code, which finds `say`, `hear` and `ready`."""

    def ready() -> None:
        line.send("ready")
        line.recv()

    sys.argv = ["worker", *arguments]
    words = {"say": line.send, "hear": line.recv, "ready": ready, "sys": sys}
    try:
        exec(code, {"__name__": "worker", **words})  # noqa: S102 - written in the test itself
    except EOFError:
        pass  # whoever asked has gone
    except BaseException:
        line.send(f"FAILED\n{traceback.format_exc()}")
        raise


class Worker:
    """A process that runs a piece of Python.

    The code finds `ready()`, which says "ready" and waits for `go`; `say(thing)`, which comes out
    of `hear` here; and `hear()`, which gives what is told it here.
    """

    def __init__(self, code: str, *arguments: str) -> None:
        self._line, theirs = _CONTEXT.Pipe()
        self._process = _CONTEXT.Process(target=_live, args=(code, arguments, theirs))
        self._process.start()
        theirs.close()

    def hear(self) -> Any:
        """Return the next thing it says; an empty text when it has ended."""
        try:
            said = self._line.recv()
        except (EOFError, ConnectionResetError):
            return ""
        if isinstance(said, str) and said.startswith("FAILED"):
            raise AssertionError(said)
        return said

    def wait_ready(self) -> None:
        """Return once it is at its `ready()`."""
        said = self.hear()
        assert said == "ready", f"it said {said!r}{self._how_it_ended(said)}"

    def _how_it_ended(self, said: Any) -> str:
        """Say how it ended, if it said nothing more because it has."""
        if said != "":
            return ""
        self._process.join()
        return f", for it has ended with {self._process.exitcode}"

    def go(self) -> None:
        """Let it go on from its `ready()`."""
        self.tell("go")

    def tell(self, thing: Any) -> None:
        """Tell it something that its `hear()` gives."""
        self._line.send(thing)

    def kill(self) -> list[Any]:
        """End it as a power cut would, and return what it had said and nobody had heard yet."""
        self._process.kill()
        self._process.join()
        left = []
        with contextlib.suppress(EOFError, OSError):
            while True:
                left.append(self._line.recv())
        self._line.close()
        return left

    def finish(self) -> list[Any]:
        """Return all that it still says until it ends by itself."""
        said = list(iter(self.hear, ""))
        self._process.join()
        self._line.close()
        return said


def all_at_once(workers: list[Worker]) -> list[list[Any]]:
    """Let workers go together once all are ready, and return what each said."""
    for worker in workers:
        worker.wait_ready()
    for worker in workers:
        worker.go()
    return [worker.finish() for worker in workers]
