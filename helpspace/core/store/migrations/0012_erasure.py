"""People's own data: erasures under way (K4), letters to the team, and discreet wording (N6)."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
ALTER TABLE client ADD COLUMN discreet {int} NOT NULL DEFAULT 1
    CONSTRAINT client_discreet CHECK (discreet IN (0, 1));

CREATE TABLE erasure (
    client_id TEXT PRIMARY KEY REFERENCES client (id),
    state TEXT NOT NULL CONSTRAINT erasure_state CHECK (state IN ('settling', 'wiped', 'done')),
    customer TEXT,
    asked_at {int} NOT NULL,
    due_by {int} NOT NULL,
    wiped_at {int},
    done_at {int},
    next_at {int}
) {strict};
CREATE INDEX erasure_next ON erasure (next_at) WHERE next_at IS NOT NULL;

CREATE TABLE ticket (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES client (id),
    kind TEXT NOT NULL CONSTRAINT ticket_kind CHECK (kind IN ('question', 'complaint')),
    text_sealed {blob},
    answer_sealed {blob},
    state TEXT NOT NULL CONSTRAINT ticket_state CHECK (state IN ('open', 'answered')),
    created_at {int} NOT NULL,
    answer_by {int} NOT NULL,
    answered_at {int}
) {strict};
CREATE INDEX ticket_client ON ticket (client_id, created_at);
CREATE INDEX ticket_open ON ticket (created_at) WHERE state = 'open';
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the tables and the column."""
    run_script(db, SCRIPT)
