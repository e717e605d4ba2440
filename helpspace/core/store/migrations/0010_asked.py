"""A payment remembers that the team asked for one more try of a declined card (M6)."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
ALTER TABLE payment ADD COLUMN asked_at {int};
"""


def up(_migrator: Any, db: Any) -> None:
    """Add the column."""
    run_script(db, SCRIPT)
