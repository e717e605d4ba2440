"""Money in bad weather: who settles, what is disputed, what accounts owe, and rows taken back."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
ALTER TABLE lease ADD COLUMN since {int} NOT NULL DEFAULT 0;
ALTER TABLE refund ADD COLUMN reverses {int} NOT NULL DEFAULT 1;
ALTER TABLE refund ADD COLUMN reason TEXT;
ALTER TABLE ledger ADD COLUMN undoes {int} NOT NULL DEFAULT 0
    CONSTRAINT ledger_undoes CHECK (undoes IN (0, 1));
ALTER TABLE client ADD COLUMN charges_stopped_at {int};
ALTER TABLE client ADD COLUMN card_next_at {int};
ALTER TABLE client ADD COLUMN card_seen_at {int};
CREATE INDEX client_card_next ON client (card_next_at) WHERE card_next_at IS NOT NULL;

CREATE TABLE dispute (
    id TEXT PRIMARY KEY,
    appointment_id TEXT REFERENCES appointment (id),
    intent TEXT,
    amount {int},
    status TEXT NOT NULL,
    reason TEXT,
    withdrawn {int} NOT NULL DEFAULT 0
        CONSTRAINT dispute_withdrawn CHECK (withdrawn IN (0, 1)),
    refundable {int} NOT NULL DEFAULT 0
        CONSTRAINT dispute_refundable CHECK (refundable IN (0, 1)),
    due_by {int},
    next_at {int},
    created_at {int} NOT NULL,
    changed_at {int} NOT NULL
) {strict};
CREATE INDEX dispute_next ON dispute (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX dispute_appointment ON dispute (appointment_id);

CREATE TABLE debt (
    refund_id TEXT PRIMARY KEY REFERENCES refund (id),
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    account TEXT NOT NULL,
    amount {int} NOT NULL CONSTRAINT debt_amount CHECK (amount > 0),
    state TEXT NOT NULL CONSTRAINT debt_state CHECK (state IN ('open', 'settled')),
    reason TEXT,
    reversal TEXT CONSTRAINT debt_reversal UNIQUE,
    tries {int} NOT NULL,
    next_at {int},
    created_at {int} NOT NULL,
    settled_at {int},
    CONSTRAINT debt_settled CHECK ((state = 'settled') = (settled_at IS NOT NULL))
) {strict};
CREATE INDEX debt_next ON debt (next_at) WHERE next_at IS NOT NULL;
"""


def up(_migrator: Any, db: Any) -> None:
    """Make the tables and the columns."""
    run_script(db, SCRIPT)
