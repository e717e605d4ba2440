"""Requests to move a session, and cards that are to be taken off their record at Stripe."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
CREATE TABLE move_request (
    appointment_id TEXT PRIMARY KEY REFERENCES appointment (id),
    asked_at {int} NOT NULL,
    refused_at {int}
) {strict};

CREATE TABLE card_removal (
    method TEXT PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES client (id),
    customer TEXT NOT NULL,
    tries {int} NOT NULL,
    next_at {int},
    created_at {int} NOT NULL,
    done_at {int},
    CONSTRAINT card_removal_done CHECK ((next_at IS NULL) = (done_at IS NOT NULL))
) {strict};
CREATE INDEX card_removal_next ON card_removal (next_at) WHERE next_at IS NOT NULL;
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the tables."""
    run_script(db, SCRIPT)
