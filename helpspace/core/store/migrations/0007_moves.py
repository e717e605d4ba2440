"""Moves of appointments, time off, and reports that a therapist did not come."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
ALTER TABLE appointment ADD COLUMN moved_at {int};
ALTER TABLE appointment ADD COLUMN moved_for TEXT
    CONSTRAINT appointment_moved_for CHECK (moved_for IN ('client', 'therapist'));
ALTER TABLE appointment ADD COLUMN taken {int} NOT NULL DEFAULT 0;
CREATE INDEX appointment_series ON appointment (series) WHERE series IS NOT NULL;

CREATE TABLE time_off (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    start_at {int} NOT NULL,
    end_at {int} NOT NULL,
    created_at {int} NOT NULL,
    lifted_at {int},
    CONSTRAINT time_off_length CHECK (end_at > start_at)
) {strict};
CREATE INDEX time_off_now ON time_off (therapist_id, end_at) WHERE lifted_at IS NULL;

CREATE TABLE absence (
    appointment_id TEXT PRIMARY KEY REFERENCES appointment (id),
    state TEXT NOT NULL
        CONSTRAINT absence_state CHECK (state IN ('reported', 'agreed', 'refused')),
    reported_at {int} NOT NULL,
    reason_sealed {blob},
    decided_at {int},
    decided_by TEXT,
    CONSTRAINT absence_decided CHECK ((state = 'reported') = (decided_at IS NULL)
        AND (decided_at IS NULL) = (decided_by IS NULL)),
    CONSTRAINT absence_reason CHECK ((state = 'refused') = (reason_sealed IS NOT NULL))
) {strict};
CREATE INDEX absence_reported ON absence (reported_at) WHERE state = 'reported';
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the tables and the columns."""
    run_script(db, SCRIPT)
