"""A confirmation remembers where the bank's page led back to: then the client was there (M6)."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
ALTER TABLE attempt ADD COLUMN return_url TEXT;
"""


def up(_migrator: Any, db: Any) -> None:
    """Add the column."""
    run_script(db, SCRIPT)
