"""Accounts at Stripe with their whole history, and proofs that are renewed."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
CREATE TABLE connected_account (
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    number {int} NOT NULL,
    account TEXT CONSTRAINT connected_account_once UNIQUE,
    turn {int} NOT NULL,
    asked_at {int} NOT NULL,
    created_at {int} NOT NULL,
    gone_at {int},
    PRIMARY KEY (therapist_id, number),
    CONSTRAINT connected_account_gone CHECK (gone_at IS NULL OR account IS NOT NULL)
) {strict};
CREATE UNIQUE INDEX connected_account_current ON connected_account (therapist_id)
    WHERE gone_at IS NULL;

ALTER TABLE therapist ADD COLUMN account_submitted {int} NOT NULL DEFAULT 0;
ALTER TABLE therapist ADD COLUMN account_gone_at {int};
ALTER TABLE therapist ADD COLUMN account_due_at {int};
ALTER TABLE therapist ADD COLUMN account_link_at {int};
ALTER TABLE therapist ADD COLUMN account_changes {int} NOT NULL DEFAULT 0;
UPDATE therapist SET account_submitted = 1 WHERE charges_enabled = 1 AND payouts_enabled = 1;

CREATE TABLE renewal (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    proof TEXT NOT NULL CONSTRAINT renewal_proof CHECK (proof IN ('insurance', 'registration')),
    answers_sealed {blob} NOT NULL,
    until_at {int} NOT NULL,
    file TEXT CONSTRAINT renewal_file UNIQUE,
    name_sealed {blob},
    type TEXT CONSTRAINT renewal_type CHECK (type IN ('pdf', 'png', 'jpeg')),
    size {int},
    digest TEXT,
    state TEXT NOT NULL CONSTRAINT renewal_state
        CHECK (state IN ('waiting', 'accepted', 'rejected', 'replaced')),
    reason_sealed {blob},
    by_whom TEXT,
    created_at {int} NOT NULL,
    decided_at {int},
    CONSTRAINT renewal_certificate CHECK ((proof = 'insurance') = (file IS NOT NULL)),
    CONSTRAINT renewal_whole_file CHECK ((file IS NULL) = (name_sealed IS NULL)
        AND (file IS NULL) = (type IS NULL) AND (file IS NULL) = (size IS NULL)
        AND (file IS NULL) = (digest IS NULL)),
    CONSTRAINT renewal_decided CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CONSTRAINT renewal_reason CHECK ((state = 'rejected') = (reason_sealed IS NOT NULL))
) {strict};
CREATE UNIQUE INDEX renewal_waiting ON renewal (therapist_id, proof) WHERE state = 'waiting';
CREATE INDEX renewal_therapist ON renewal (therapist_id, created_at);
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the tables and the columns."""
    run_script(db, SCRIPT)
