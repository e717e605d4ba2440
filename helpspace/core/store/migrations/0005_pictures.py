"""A new profile picture waits for the team beside renewed proofs; terminals keep their theme.

The table of renewals is made anew, since SQLite changes no constraint of one that is there. A
picture has no end.
"""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
CREATE TABLE renewal_before AS SELECT * FROM renewal;
DROP TABLE renewal;
CREATE TABLE renewal (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    proof TEXT NOT NULL CONSTRAINT renewal_proof
        CHECK (proof IN ('insurance', 'registration', 'picture')),
    answers_sealed {blob} NOT NULL,
    until_at {int},
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
    CONSTRAINT renewal_certificate CHECK ((proof = 'registration') = (file IS NULL)),
    CONSTRAINT renewal_until CHECK ((proof = 'picture') = (until_at IS NULL)),
    CONSTRAINT renewal_portrait CHECK (proof <> 'picture' OR type <> 'pdf'),
    CONSTRAINT renewal_whole_file CHECK ((file IS NULL) = (name_sealed IS NULL)
        AND (file IS NULL) = (type IS NULL) AND (file IS NULL) = (size IS NULL)
        AND (file IS NULL) = (digest IS NULL)),
    CONSTRAINT renewal_decided CHECK ((state = 'waiting') = (decided_at IS NULL)),
    CONSTRAINT renewal_reason CHECK ((state = 'rejected') = (reason_sealed IS NOT NULL))
) {strict};
INSERT INTO renewal (id, therapist_id, proof, answers_sealed, until_at, file, name_sealed, type,
    size, digest, state, reason_sealed, by_whom, created_at, decided_at)
    SELECT id, therapist_id, proof, answers_sealed, until_at, file, name_sealed, type,
    size, digest, state, reason_sealed, by_whom, created_at, decided_at FROM renewal_before;
DROP TABLE renewal_before;
CREATE UNIQUE INDEX renewal_waiting ON renewal (therapist_id, proof) WHERE state = 'waiting';
CREATE INDEX renewal_therapist ON renewal (therapist_id, created_at);

ALTER TABLE therapist ADD COLUMN theme TEXT;
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the table anew with what is in it, and the column."""
    run_script(db, SCRIPT)
