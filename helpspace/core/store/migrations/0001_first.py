"""The first schema: people, claimed time, appointments, money, notices, trail."""

from typing import Any

from helpspace.core.store.dialect import run_script

SCRIPT = """
CREATE TABLE store_fact (
    key TEXT PRIMARY KEY,
    value TEXT NOT NULL
) {strict};

CREATE TABLE therapist (
    id TEXT PRIMARY KEY,
    status TEXT NOT NULL
        CONSTRAINT therapist_status CHECK (status IN ('applied', 'approved', 'rejected')),
    name_sealed {blob} NOT NULL,
    email_sealed {blob} NOT NULL,
    email_hash TEXT NOT NULL CONSTRAINT therapist_email UNIQUE,
    contact_sealed {blob} NOT NULL,
    handle_sealed {blob} NOT NULL,
    handle_hash TEXT NOT NULL CONSTRAINT therapist_handle UNIQUE,
    headline_sealed {blob} NOT NULL,
    about_sealed {blob} NOT NULL,
    zone TEXT NOT NULL,
    gender TEXT NOT NULL,
    concerns {int} NOT NULL,
    approaches {int} NOT NULL,
    languages {int} NOT NULL,
    modalities {int} NOT NULL,
    notice_s {int} CONSTRAINT therapist_notice CHECK (notice_s >= 0),
    initial_fee {int} NOT NULL
        CONSTRAINT therapist_initial_fee CHECK (initial_fee = 0 OR initial_fee >= 30),
    initial_minutes {int} NOT NULL CONSTRAINT therapist_initial_minutes CHECK (initial_minutes > 0),
    follow_up_fee {int} NOT NULL
        CONSTRAINT therapist_follow_up_fee CHECK (follow_up_fee = 0 OR follow_up_fee >= 30),
    follow_up_minutes {int} NOT NULL
        CONSTRAINT therapist_follow_up_minutes CHECK (follow_up_minutes > 0),
    reopens {int} NOT NULL,
    course_done_at {int},
    proofs_until {int},
    account TEXT CONSTRAINT therapist_account UNIQUE,
    charges_enabled {int} NOT NULL,
    payouts_enabled {int} NOT NULL,
    requirements TEXT NOT NULL,
    account_checked_at {int},
    account_next_at {int},
    suspended_at {int},
    switched_off_at {int},
    sample {int} NOT NULL,
    created_at {int} NOT NULL
) {strict};
CREATE INDEX therapist_account_next ON therapist (account_next_at)
    WHERE account_next_at IS NOT NULL;

CREATE TABLE client (
    id TEXT PRIMARY KEY,
    name_sealed {blob},
    email_sealed {blob},
    email_hash TEXT,
    email_confirmed_at {int},
    chat_sealed {blob},
    chat_hash TEXT CONSTRAINT client_chat UNIQUE,
    chat_blocked_at {int},
    zone TEXT NOT NULL,
    by_email {int} NOT NULL,
    by_chat {int} NOT NULL,
    consent_version TEXT,
    consent_at {int},
    terms_version TEXT,
    terms_at {int},
    customer TEXT CONSTRAINT client_customer UNIQUE,
    card TEXT,
    card_brand TEXT,
    card_last4 TEXT,
    card_month {int},
    card_year {int},
    card_at {int},
    sample {int} NOT NULL,
    created_at {int} NOT NULL,
    erased_at {int}
) {strict};
CREATE INDEX client_email ON client (email_hash);

CREATE TABLE bond (
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    client_id TEXT NOT NULL REFERENCES client (id),
    invited_at {int},
    ended_at {int},
    PRIMARY KEY (therapist_id, client_id)
) {strict};
CREATE INDEX bond_client ON bond (client_id);

CREATE TABLE claim (
    id TEXT PRIMARY KEY,
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    purpose TEXT NOT NULL CONSTRAINT claim_purpose CHECK (purpose IN ('slot', 'follow_up')),
    start_at {int} NOT NULL,
    end_at {int} NOT NULL,
    state TEXT NOT NULL
        CONSTRAINT claim_state CHECK (state IN ('open', 'held', 'booked', 'closed')),
    hold_client_id TEXT REFERENCES client (id),
    hold_until {int},
    hold_fee {int},
    created_at {int} NOT NULL,
    CONSTRAINT claim_length CHECK (end_at > start_at),
    CONSTRAINT claim_hold CHECK ((state = 'held') = (hold_client_id IS NOT NULL
        AND hold_until IS NOT NULL AND hold_fee IS NOT NULL)),
    CONSTRAINT claim_follow_up CHECK (purpose = 'slot' OR state IN ('booked', 'closed'))
) {strict};
CREATE INDEX claim_taken ON claim (therapist_id, start_at, end_at) WHERE state <> 'closed';
CREATE INDEX claim_open ON claim (therapist_id, start_at) WHERE state IN ('open', 'held');
CREATE UNIQUE INDEX claim_one_hold ON claim (hold_client_id) WHERE state = 'held';

CREATE TABLE appointment (
    id TEXT PRIMARY KEY,
    kind TEXT NOT NULL CONSTRAINT appointment_kind CHECK (kind IN ('initial', 'follow_up')),
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    client_id TEXT NOT NULL REFERENCES client (id),
    slot_id TEXT REFERENCES claim (id),
    claim_id TEXT NOT NULL REFERENCES claim (id),
    start_at {int} NOT NULL,
    end_at {int} NOT NULL,
    fee {int} NOT NULL CONSTRAINT appointment_fee CHECK (fee = 0 OR fee >= 30),
    currency TEXT NOT NULL CONSTRAINT appointment_currency CHECK (currency = 'gbp'),
    free_until {int} NOT NULL,
    state TEXT NOT NULL CONSTRAINT appointment_state CHECK (state IN
        ('booked', 'completed', 'no_show', 'cancelled_by_client', 'cancelled_by_therapist')),
    booked_at {int} NOT NULL,
    booked_by TEXT NOT NULL CONSTRAINT appointment_by CHECK (
        (kind = 'initial') = (booked_by = 'client')),
    cancelled_at {int},
    series TEXT,
    sequence {int} NOT NULL,
    room_sealed {blob} NOT NULL,
    CONSTRAINT appointment_length CHECK (end_at > start_at),
    CONSTRAINT appointment_ahead CHECK (start_at > booked_at),
    CONSTRAINT appointment_slot CHECK ((kind = 'initial') = (slot_id IS NOT NULL)),
    CONSTRAINT appointment_cancelled CHECK
        ((cancelled_at IS NOT NULL) = (state IN ('cancelled_by_client', 'cancelled_by_therapist'))
            AND (cancelled_at IS NULL OR cancelled_at < start_at))
) {strict};
CREATE UNIQUE INDEX appointment_one_live ON appointment (claim_id)
    WHERE state IN ('booked', 'completed', 'no_show');
CREATE INDEX appointment_therapist ON appointment (therapist_id, start_at);
CREATE INDEX appointment_client ON appointment (client_id, start_at);
CREATE INDEX appointment_booked ON appointment (end_at) WHERE state = 'booked';
CREATE UNIQUE INDEX appointment_one_initial ON appointment (client_id, therapist_id)
    WHERE kind = 'initial' AND state IN ('booked', 'completed', 'no_show');

CREATE TABLE card_request (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL REFERENCES client (id),
    claim_id TEXT REFERENCES claim (id),
    session TEXT CONSTRAINT card_request_session UNIQUE,
    url_sealed {blob},
    expires_at {int} NOT NULL,
    state TEXT NOT NULL CONSTRAINT card_request_state CHECK (state IN
        ('asked', 'open', 'complete', 'expired', 'dropped')),
    created_at {int} NOT NULL,
    next_at {int},
    holder TEXT
) {strict};
CREATE INDEX card_request_next ON card_request (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX card_request_client ON card_request (client_id, created_at);

CREATE TABLE payment (
    appointment_id TEXT PRIMARY KEY REFERENCES appointment (id),
    status TEXT NOT NULL CONSTRAINT payment_status CHECK (status IN ('none', 'scheduled',
        'processing', 'paid', 'needs_approval', 'failed', 'refunding', 'refunded', 'waived',
        'disputed')),
    reason TEXT,
    next_at {int},
    holder TEXT,
    held_until {int},
    faults {int} NOT NULL,
    waived_at {int},
    changed_at {int} NOT NULL
) {strict};
CREATE INDEX payment_next ON payment (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX payment_held ON payment (held_until) WHERE held_until IS NOT NULL;

CREATE TABLE intent (
    id TEXT PRIMARY KEY,
    appointment_id TEXT NOT NULL REFERENCES payment (appointment_id),
    number {int} NOT NULL,
    stripe_id TEXT CONSTRAINT intent_stripe UNIQUE,
    amount {int} NOT NULL,
    commission {int} NOT NULL,
    account TEXT NOT NULL,
    customer TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT intent_state CHECK (state IN
        ('asked', 'open', 'succeeded', 'canceled')),
    created_at {int} NOT NULL,
    CONSTRAINT intent_number UNIQUE (appointment_id, number)
) {strict};
CREATE UNIQUE INDEX intent_one_open ON intent (appointment_id) WHERE state <> 'canceled';

CREATE TABLE attempt (
    id TEXT PRIMARY KEY,
    intent_id TEXT NOT NULL REFERENCES intent (id),
    number {int} NOT NULL,
    card TEXT NOT NULL,
    outcome TEXT NOT NULL CONSTRAINT attempt_outcome CHECK (outcome IN
        ('unknown', 'paid', 'declined', 'approval', 'account', 'void')),
    code TEXT,
    started_at {int} NOT NULL,
    ended_at {int},
    CONSTRAINT attempt_number UNIQUE (intent_id, number)
) {strict};

CREATE TABLE refund (
    id TEXT PRIMARY KEY,
    intent_id TEXT NOT NULL REFERENCES intent (id),
    number {int} NOT NULL,
    stripe_id TEXT CONSTRAINT refund_stripe UNIQUE,
    amount {int} NOT NULL,
    commission {int} NOT NULL,
    state TEXT NOT NULL CONSTRAINT refund_state CHECK (state IN
        ('asked', 'pending', 'succeeded', 'failed')),
    created_at {int} NOT NULL,
    ended_at {int},
    CONSTRAINT refund_number UNIQUE (intent_id, number)
) {strict};
CREATE UNIQUE INDEX refund_one ON refund (intent_id) WHERE state <> 'failed';

CREATE TABLE ledger (
    seq {serial},
    at {int} NOT NULL,
    appointment_id TEXT NOT NULL REFERENCES appointment (id),
    therapist_id TEXT NOT NULL REFERENCES therapist (id),
    client_id TEXT NOT NULL REFERENCES client (id),
    kind TEXT NOT NULL CONSTRAINT ledger_kind CHECK (kind IN ('charge', 'refund', 'dispute')),
    amount {int} NOT NULL CONSTRAINT ledger_amount CHECK (amount > 0),
    commission {int} NOT NULL,
    stripe_id TEXT NOT NULL,
    CONSTRAINT ledger_once UNIQUE (kind, stripe_id)
) {strict};
CREATE INDEX ledger_appointment ON ledger (appointment_id);
CREATE INDEX ledger_therapist ON ledger (therapist_id, at);
CREATE UNIQUE INDEX ledger_one_charge ON ledger (appointment_id) WHERE kind = 'charge';

CREATE TABLE stripe_event (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    at {int} NOT NULL
) {strict};
CREATE INDEX stripe_event_at ON stripe_event (at);

CREATE TABLE reminder (
    appointment_id TEXT NOT NULL REFERENCES appointment (id),
    party TEXT NOT NULL CONSTRAINT reminder_party CHECK (party IN ('client', 'therapist')),
    start_at {int} NOT NULL,
    due_at {int},
    state TEXT NOT NULL CONSTRAINT reminder_state CHECK (state IN
        ('waiting', 'written', 'confirmation', 'expired', 'dropped')),
    PRIMARY KEY (appointment_id, party, start_at)
) {strict};
CREATE INDEX reminder_due ON reminder (due_at) WHERE state = 'waiting';

CREATE TABLE notice (
    seq {serial},
    once TEXT NOT NULL CONSTRAINT notice_once UNIQUE,
    event TEXT NOT NULL,
    appointment_id TEXT REFERENCES appointment (id),
    party TEXT NOT NULL CONSTRAINT notice_party CHECK (party IN ('client', 'therapist', 'team')),
    person_id TEXT NOT NULL,
    channel TEXT NOT NULL CONSTRAINT notice_channel CHECK (channel IN ('email', 'telegram')),
    facts TEXT NOT NULL,
    state TEXT NOT NULL CONSTRAINT notice_state CHECK (state IN
        ('pending', 'sent', 'expired', 'failed', 'dropped')),
    next_at {int},
    holder TEXT,
    tries {int} NOT NULL,
    expires_at {int},
    error TEXT,
    created_at {int} NOT NULL,
    ended_at {int}
) {strict};
CREATE INDEX notice_next ON notice (next_at) WHERE next_at IS NOT NULL;
CREATE INDEX notice_queue ON notice (person_id, channel, seq) WHERE state = 'pending';
CREATE INDEX notice_appointment ON notice (appointment_id);

CREATE TABLE inbox (
    update_id {int} PRIMARY KEY,
    person_hash TEXT NOT NULL,
    kind TEXT NOT NULL,
    sealed {blob},
    state TEXT NOT NULL CONSTRAINT inbox_state CHECK (state IN ('new', 'done', 'parked')),
    tries {int} NOT NULL,
    received_at {int} NOT NULL
) {strict};
CREATE INDEX inbox_new ON inbox (person_hash, update_id) WHERE state = 'new';

CREATE TABLE dialogue (
    chat_hash TEXT PRIMARY KEY,
    step TEXT NOT NULL,
    draft_sealed {blob} NOT NULL,
    message_id {int},
    changed_at {int} NOT NULL
) {strict};

CREATE TABLE link (
    token_hash TEXT PRIMARY KEY,
    purpose TEXT NOT NULL,
    person_id TEXT NOT NULL,
    about TEXT,
    expires_at {int},
    used_at {int},
    created_at {int} NOT NULL
) {strict};
CREATE INDEX link_person ON link (person_id, purpose);

CREATE TABLE heartbeat (
    job TEXT PRIMARY KEY,
    began_at {int} NOT NULL,
    ended_at {int},
    did {int} NOT NULL,
    error TEXT
) {strict};

CREATE TABLE lease (
    name TEXT PRIMARY KEY,
    holder TEXT NOT NULL,
    until {int} NOT NULL
) {strict};

CREATE TABLE audit (
    seq {serial},
    at {int} NOT NULL,
    role TEXT NOT NULL,
    actor_id TEXT NOT NULL,
    by_whom TEXT,
    why_sealed {blob},
    via TEXT NOT NULL,
    act TEXT NOT NULL,
    thing TEXT NOT NULL,
    thing_id TEXT NOT NULL,
    detail TEXT NOT NULL
) {strict};
CREATE INDEX audit_at ON audit (at);
CREATE INDEX audit_thing ON audit (thing, thing_id);
"""


def up(_migrator: Any, db: Any) -> None:
    """Make every table."""
    run_script(db, SCRIPT)
