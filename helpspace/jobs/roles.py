"""Settling at Stripe is one process's at a time (`core.lease`); the others leave it alone."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

from helpspace.core import lease
from helpspace.core.errors import HelpspaceError
from helpspace.core.gateways import Outside
from helpspace.core.practice import Practice
from helpspace.jobs.lanes import Still
from helpspace.jobs.report import Report


def alone(practice: Practice, outside: Outside, sweep: Callable[[Still], Report]) -> Report:
    """Run a sweep as the one that settles, or say which process does."""

    def still() -> bool:
        return outside.grip.still(practice)

    if outside.stripe is not None:
        outside.stripe.settles(still)
    with outside.grip.used(practice) as mine:
        if not mine:
            other = lease.holder(practice)
            who = "another process" if other is None else f"process {other.holder}"
            return Report(0, f"left to {who}, which settles now")
        return sweep(still)


def let_go(practice: Practice, outside: Outside) -> None:
    """Let another process settle: this one has ended its sweeps."""
    with contextlib.suppress(HelpspaceError):
        # A role that is not let go of ends by itself.
        outside.grip.release(practice)
