"""Logging of long-running processes: ids and kinds only, secrets blotted out all the same (A5)."""

from __future__ import annotations

import logging
import re
import sys

_SECRETS = re.compile(
    r"\d{6,}:[A-Za-z0-9_-]{20,}|(?:sk|rk|whsec)_[A-Za-z0-9_]+|[\w.+-]+@[\w-]+(?:\.[\w-]+)+"
)
"""Bot tokens, Stripe keys and webhook secrets, mail addresses."""


class Redacting(logging.Formatter):
    """Formats records and blots out whatever looks like a secret or an address."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the record's line, without anything that must not be in a log."""
        return _SECRETS.sub("[…]", super().format(record))


def set_up(*, debug: bool = False) -> None:
    """Log to standard error, one line a record."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Redacting("%(asctime)s %(levelname)s %(name)s: %(message)s"))
    root = logging.getLogger()
    root.handlers[:] = [handler]
    root.setLevel(logging.DEBUG if debug else logging.INFO)
    for name in ("httpx", "httpcore", "stripe", "apscheduler", "telegram", "uvicorn.access"):
        logging.getLogger(name).setLevel(logging.WARNING)
