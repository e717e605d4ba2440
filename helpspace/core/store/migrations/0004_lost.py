"""Notices count the senders that never came back apart from the tries that failed."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
ALTER TABLE notice ADD COLUMN lost {int} NOT NULL DEFAULT 0;
"""


def up(_migrator: Any, db: Any) -> None:
    """Add the column."""
    run_script(db, SCRIPT)
