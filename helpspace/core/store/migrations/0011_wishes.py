"""Wishes kept with a booking (K3a), and free times of everybody in the order of their start."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
CREATE TABLE wish (
    appointment_id TEXT PRIMARY KEY REFERENCES appointment (id),
    wishes_sealed {blob} NOT NULL,
    kept_at {int} NOT NULL
) {strict};

CREATE INDEX claim_start ON claim (start_at, therapist_id) WHERE state IN ('open', 'held');
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the table and the index."""
    run_script(db, SCRIPT)
