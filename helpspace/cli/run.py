"""One run of the command line, and the one place where refusals become lines on stderr."""

from __future__ import annotations

import errno
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING

import typer

from helpspace.cli.desk import Frame
from helpspace.cli.root import PROGRAM, root
from helpspace.core.errors import HelpspaceError
from helpspace.core.plain import plain

if TYPE_CHECKING:
    from helpspace.core.clock import Clock

REFUSED = 1
WRONG_USAGE = 2


def run(argv: list[str], environment: Mapping[str, str] | None, clock: Clock | None) -> int:
    """Run the command that the arguments name and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    frame = Frame(environment=environment, clock=clock)
    if any("\udc80" <= character <= "\udcff" for part in argv for character in part):
        return _say("An argument is not UTF-8", "Write it again.", WRONG_USAGE)
    try:
        code = root().main(argv or ["--help"], PROGRAM, standalone_mode=False, obj=frame)
    except typer.TyperException as error:
        return _wrong_usage(error)
    except typer.Abort:
        return _say("Stopped", "Nothing more was done.", REFUSED)
    except HelpspaceError as error:
        if frame.debug:
            _trace()
        return _say(error.title, error.hint, REFUSED)
    except OSError as error:
        if error.errno == errno.EPIPE:
            raise BrokenPipeError from None
        return _unforeseen(frame, error)
    except Exception as error:  # noqa: BLE001 - the last resort: a person reads this
        return _unforeseen(frame, error)
    return code if isinstance(code, int) else 0


def _wrong_usage(error: typer.TyperException) -> int:
    ctx = getattr(error, "ctx", None)
    path = PROGRAM if ctx is None else ctx.command_path
    title = error.format_message().strip().rstrip(".")
    if title == "Missing command" and ctx is not None:
        title = f"Say which: {', '.join(ctx.command.list_commands(ctx))}"
    return _say(title, f"See: {path} --help", WRONG_USAGE)


def _unforeseen(frame: Frame, error: Exception) -> int:
    if frame.debug:
        _trace()
    return _say(
        f"That failed in a way nobody foresaw ({type(error).__name__})",
        "Nothing is half done. Run it again with --debug to see where, and tell the team.",
        REFUSED,
    )


def _trace() -> None:
    import traceback

    traceback.print_exc()


def _say(title: str, hint: str, code: int) -> int:
    """Write one line that says what happened and what to do."""
    line = plain(title, 400)
    end = "" if line.endswith((".", "?", "!", "…")) else "."
    sys.stderr.write(f"{PROGRAM}: {line}{end} {plain(hint, 400)}\n")
    return code
