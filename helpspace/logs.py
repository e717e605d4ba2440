"""Logging of long-running processes: ids and kinds only, secrets blotted out all the same (A5).

Other people's libraries log addresses, payloads and whole statements; only their warnings are let
through. Errors are told by their type and place: what they say may quote a person.
"""

from __future__ import annotations

import asyncio
import logging
import re
import sys
import threading
import traceback
from types import TracebackType
from typing import Any

log = logging.getLogger(__name__)

_SECRETS = re.compile(
    r"\d{6,}:[A-Za-z0-9_-]{20,}|(?:sk|rk|whsec)_[A-Za-z0-9_]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
"""Bot tokens, Stripe keys and webhook secrets, mail addresses."""

ExcInfo = tuple[type[BaseException], BaseException, TracebackType | None] | tuple[None, None, None]


class Redacting(logging.Formatter):
    """Formats records and blots out whatever looks like a secret or an address."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line, without anything that must not be in a log."""
        return _SECRETS.sub("[…]", super().format(record))

    def formatException(self, ei: ExcInfo) -> str:  # noqa: N802 - logging's own name
        """Return where an error came from and its type, but not what it says."""
        kind, _, place = ei
        name = "no error" if kind is None else kind.__name__
        return "".join(traceback.format_tb(place)) + name


def set_up(*, debug: bool = False) -> None:
    """Log to standard error, one line a record; with `debug` also our own small steps."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.WARNING)
    logging.getLogger("helpspace").setLevel(logging.DEBUG if debug else logging.INFO)
    threading.excepthook = _thread_fault


def _thread_fault(fault: threading.ExceptHookArgs) -> None:
    """Tell that a thread has ended by an error nobody caught."""
    name = fault.thread.name if fault.thread else "?"
    log.error("thread %s ended: %s", name, fault.exc_type.__name__)


def loop_fault(_loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell of an error that nobody waits for; asyncio's own words would quote it."""
    error = context.get("exception")
    kind = "no error" if error is None else type(error).__name__
    log.error("beside the work: %s", kind)
