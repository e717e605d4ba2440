"""The course asks the core alone, so one database is enough."""

from __future__ import annotations

import pytest


@pytest.fixture
def backend() -> str:
    """The kind of database."""
    return "sqlite"
