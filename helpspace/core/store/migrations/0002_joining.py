"""Joining: applications with their documents and verdicts, the course, the keys of shared hosts."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
CREATE TABLE application (
    therapist_id TEXT PRIMARY KEY REFERENCES therapist (id),
    state TEXT NOT NULL CONSTRAINT application_state
        CHECK (state IN ('draft', 'submitted', 'returned', 'approved')),
    answers_sealed {blob} NOT NULL,
    version {int} NOT NULL,
    reason_sealed {blob},
    insured_until {int},
    registered_until {int},
    submitted_at {int},
    decided_at {int},
    checked_at {int},
    checked_by TEXT,
    recheck_at {int},
    created_at {int} NOT NULL,
    CONSTRAINT application_checked CHECK ((checked_at IS NULL) = (checked_by IS NULL)),
    CONSTRAINT application_approved CHECK (state <> 'approved'
        OR (insured_until IS NOT NULL AND registered_until IS NOT NULL AND checked_at IS NOT NULL))
) {strict};
CREATE INDEX application_recheck ON application (recheck_at) WHERE recheck_at IS NOT NULL;

CREATE TABLE document (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    kind TEXT NOT NULL CONSTRAINT document_kind
        CHECK (kind IN ('qualification', 'insurance', 'picture')),
    name_sealed {blob} NOT NULL,
    type TEXT NOT NULL CONSTRAINT document_type CHECK (type IN ('pdf', 'png', 'jpeg')),
    size {int} NOT NULL CONSTRAINT document_size CHECK (size > 0 AND size <= 10485760),
    digest TEXT NOT NULL,
    created_at {int} NOT NULL,
    removed_at {int}
) {strict};
CREATE INDEX document_therapist ON document (therapist_id) WHERE removed_at IS NULL;
CREATE UNIQUE INDEX document_single ON document (therapist_id, kind)
    WHERE removed_at IS NULL AND kind <> 'qualification';

CREATE TABLE verdict (
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    part TEXT NOT NULL,
    accepted {int} NOT NULL,
    reason_sealed {blob},
    by_whom TEXT NOT NULL,
    at {int} NOT NULL,
    PRIMARY KEY (therapist_id, part),
    CONSTRAINT verdict_reason CHECK (accepted = 1 OR reason_sealed IS NOT NULL)
) {strict};

CREATE TABLE chapter (
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    name TEXT NOT NULL,
    done_at {int} NOT NULL,
    PRIMARY KEY (therapist_id, name)
) {strict};

CREATE TABLE ssh_key (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    public TEXT NOT NULL CONSTRAINT ssh_key_once UNIQUE,
    created_at {int} NOT NULL,
    revoked_at {int}
) {strict};
CREATE INDEX ssh_key_therapist ON ssh_key (therapist_id);

ALTER TABLE therapist ADD COLUMN profile_version {int} NOT NULL DEFAULT 0;
ALTER TABLE therapist ADD COLUMN feed {int} NOT NULL DEFAULT 0;
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the tables and the columns."""
    run_script(db, SCRIPT)
