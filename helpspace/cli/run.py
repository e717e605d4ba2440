"""One run of the command line, and the one place where refusals become lines on stderr."""

from __future__ import annotations

import errno
import sys
from collections.abc import Callable, Mapping
from contextlib import ExitStack
from typing import TYPE_CHECKING, Any, NamedTuple

from helpspace.cli.desk import Desk, Frame
from helpspace.core.errors import HelpspaceError
from helpspace.core.plain import plain

if TYPE_CHECKING:
    from helpspace.core.clock import Clock

PROGRAM = "helpspace"
REFUSED = 1
WRONG_USAGE = 2


class NotRunError(Exception):
    """The arguments name no command, or not as it takes them, or the person broke it off.

    `words` say what happened and `see` what to do; `code` is the exit code.
    """

    def __init__(self, words: str, see: str, code: int = WRONG_USAGE) -> None:
        super().__init__(words)
        self.words, self.see, self.code = words, see, code


def run(argv: list[str], environment: Mapping[str, str] | None, clock: Clock | None) -> int:
    """Run the command that the arguments name and return its exit code."""
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(errors="backslashreplace")
    frame = Frame(environment=environment, clock=clock)
    if any("\udc80" <= character <= "\udcff" for part in argv for character in part):
        return _say("An argument is not UTF-8", "Write it again.", WRONG_USAGE)
    try:
        return _calendar(frame, argv) if _is_plain_calendar(argv) else _command(frame, argv)
    except NotRunError as error:
        return _say(error.words, error.see, error.code)
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


def _command(frame: Frame, argv: list[str]) -> int:
    """Read the arguments with the command line's library and run the command they name."""
    from helpspace.cli.root import run_command

    return run_command(frame, argv)


# What therapists start every morning is read without that library, which takes a third of the time
# until the calendar is on the screen.


def _is_plain_calendar(argv: list[str]) -> bool:
    named = len(argv) == 3 and argv[1] == "--therapist" and not argv[2].startswith("-")
    return argv[:1] == ["tui"] and (len(argv) == 1 or named)


def _calendar(frame: Frame, argv: list[str]) -> int:
    from helpspace.cli.opening import open_terminal

    with ExitStack() as closing:
        desk = Desk(_Run(frame, closing.callback))
        return open_terminal(desk, argv[2] if len(argv) == 3 else None)


class _Run(NamedTuple):
    obj: Frame
    call_on_close: Callable[[Callable[[], Any]], Any]


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
