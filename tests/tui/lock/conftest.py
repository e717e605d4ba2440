"""Tries of a passphrase that cost next to nothing, since there are many of them here."""

from __future__ import annotations

import pytest

from helpspace.core import terminal_lock
from helpspace.core.terminal_lock import Cost


@pytest.fixture(autouse=True)
def cheap(monkeypatch: pytest.MonkeyPatch) -> None:
    """Hashes keep their own cost, so a process that only opens pays as little."""
    monkeypatch.setattr(terminal_lock, "COST", Cost(1, 1, 8))
