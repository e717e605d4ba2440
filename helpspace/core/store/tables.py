"""The tables as Peewee models, bound to no database: every query is run by a `Reader` or `Tx`.

Instants are UTC epoch seconds, money is pence, `*_sealed` is encrypted by the vault and `*_hash` is
its keyed look-up. What a column may hold and what may change is said by the schema (`migrations`)
and its guards; these classes only name the columns.
"""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, CharField, CompositeKey, Model, TextField


class StoreFact(Model):
    """Facts about this store itself, such as its own random name."""

    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "store_fact"


class Therapist(Model):
    """A counsellor in private practice, from application to published profile."""

    id = TextField(primary_key=True)
    status = TextField()
    name_sealed = BlobField()
    email_sealed = BlobField()
    email_hash = TextField()
    contact_sealed = BlobField()
    handle_sealed = BlobField()
    handle_hash = TextField()
    headline_sealed = BlobField()
    about_sealed = BlobField()
    zone = TextField()
    gender = TextField()
    concerns = BigIntegerField()
    approaches = BigIntegerField()
    languages = BigIntegerField()
    modalities = BigIntegerField()
    notice_s = BigIntegerField(null=True)
    initial_fee = BigIntegerField()
    initial_minutes = BigIntegerField()
    follow_up_fee = BigIntegerField()
    follow_up_minutes = BigIntegerField()
    reopens = BigIntegerField()
    course_done_at = BigIntegerField(null=True)
    proofs_until = BigIntegerField(null=True)
    account = TextField(null=True)
    charges_enabled = BigIntegerField()
    payouts_enabled = BigIntegerField()
    requirements = TextField()
    account_checked_at = BigIntegerField(null=True)
    account_next_at = BigIntegerField(null=True)
    suspended_at = BigIntegerField(null=True)
    switched_off_at = BigIntegerField(null=True)
    sample = BigIntegerField()
    created_at = BigIntegerField()
    profile_version = BigIntegerField(default=0)
    feed = BigIntegerField(default=0)
    account_submitted = BigIntegerField(default=0)
    account_gone_at = BigIntegerField(null=True)
    account_due_at = BigIntegerField(null=True)
    account_link_at = BigIntegerField(null=True)
    account_changes = BigIntegerField(default=0)


class ConnectedAccount(Model):
    """An account at Stripe that was asked for a therapist; the newest is in use (J5).

    The row is there before the account; `turn` and `asked_at` say under which key, and since when,
    Stripe is asked for it.
    """

    therapist_id = TextField()
    number = BigIntegerField()
    account = TextField(null=True)
    turn = BigIntegerField()
    asked_at = BigIntegerField()
    created_at = BigIntegerField()
    gone_at = BigIntegerField(null=True)

    class Meta:
        table_name = "connected_account"
        primary_key = CompositeKey("therapist_id", "number")


class Renewal(Model):
    """A new insurance or registration that an approved counsellor hands in for review (J7)."""

    id = TextField(primary_key=True)
    therapist_id = TextField()
    proof = TextField()
    answers_sealed = BlobField()
    until_at = BigIntegerField()
    file = TextField(null=True)
    name_sealed = BlobField(null=True)
    type = TextField(null=True)
    size = BigIntegerField(null=True)
    digest = TextField(null=True)
    state = TextField()
    reason_sealed = BlobField(null=True)
    by_whom = TextField(null=True)
    created_at = BigIntegerField()
    decided_at = BigIntegerField(null=True)


class Application(Model):
    """A counsellor's application, from draft to decision (J2, J4)."""

    therapist_id = TextField(primary_key=True)
    state = TextField()
    answers_sealed = BlobField()
    version = BigIntegerField()
    reason_sealed = BlobField(null=True)
    insured_until = BigIntegerField(null=True)
    registered_until = BigIntegerField(null=True)
    submitted_at = BigIntegerField(null=True)
    decided_at = BigIntegerField(null=True)
    checked_at = BigIntegerField(null=True)
    checked_by = TextField(null=True)
    recheck_at = BigIntegerField(null=True)
    created_at = BigIntegerField()


class Document(Model):
    """A file of an application; its content lies encrypted under its id (J3)."""

    id = TextField(primary_key=True)
    therapist_id = TextField()
    kind = TextField()
    name_sealed = BlobField()
    type = TextField()
    size = BigIntegerField()
    digest = TextField()
    created_at = BigIntegerField()
    removed_at = BigIntegerField(null=True)


class Verdict(Model):
    """What the team said of one part of an application: a topic or a document (J4)."""

    therapist_id = TextField()
    part = TextField()
    accepted = BigIntegerField()
    reason_sealed = BlobField(null=True)
    by_whom = TextField()
    at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("therapist_id", "part")


class Chapter(Model):
    """A chapter of the course that a therapist has completed (J6)."""

    therapist_id = TextField()
    name = TextField()
    done_at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("therapist_id", "name")


class SshKey(Model):
    """A public key by which a therapist is known on a shared host (A2)."""

    id = TextField(primary_key=True)
    therapist_id = TextField()
    public = TextField()
    created_at = BigIntegerField()
    revoked_at = BigIntegerField(null=True)

    class Meta:
        table_name = "ssh_key"


class Client(Model):
    """A person who looks for or has a therapist."""

    id = TextField(primary_key=True)
    name_sealed = BlobField(null=True)
    email_sealed = BlobField(null=True)
    email_hash = TextField(null=True)
    email_confirmed_at = BigIntegerField(null=True)
    chat_sealed = BlobField(null=True)
    chat_hash = TextField(null=True)
    chat_blocked_at = BigIntegerField(null=True)
    zone = TextField()
    by_email = BigIntegerField()
    by_chat = BigIntegerField()
    consent_version = TextField(null=True)
    consent_at = BigIntegerField(null=True)
    terms_version = TextField(null=True)
    terms_at = BigIntegerField(null=True)
    customer = TextField(null=True)
    card = TextField(null=True)
    card_brand = TextField(null=True)
    card_last4 = CharField(null=True)
    card_month = BigIntegerField(null=True)
    card_year = BigIntegerField(null=True)
    card_at = BigIntegerField(null=True)
    sample = BigIntegerField()
    created_at = BigIntegerField()
    erased_at = BigIntegerField(null=True)


class Bond(Model):
    """What a client and a therapist agreed beyond single sessions: invited, ended (B2)."""

    therapist_id = TextField()
    client_id = TextField()
    invited_at = BigIntegerField(null=True)
    ended_at = BigIntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("therapist_id", "client_id")


class Claim(Model):
    """Claimed time of a therapist: a slot with its hold and its booking, or a follow-up's time."""

    id = TextField(primary_key=True)
    therapist_id = TextField()
    purpose = TextField()
    start_at = BigIntegerField()
    end_at = BigIntegerField()
    state = TextField()
    hold_client_id = TextField(null=True)
    hold_until = BigIntegerField(null=True)
    hold_fee = BigIntegerField(null=True)
    created_at = BigIntegerField()


class Appointment(Model):
    """A booked session with the terms it was booked on (M7a)."""

    id = TextField(primary_key=True)
    kind = TextField()
    therapist_id = TextField()
    client_id = TextField()
    slot_id = TextField(null=True)
    claim_id = TextField()
    start_at = BigIntegerField()
    end_at = BigIntegerField()
    fee = BigIntegerField()
    currency = TextField()
    free_until = BigIntegerField()
    state = TextField()
    booked_at = BigIntegerField()
    booked_by = TextField()
    cancelled_at = BigIntegerField(null=True)
    series = TextField(null=True)
    sequence = BigIntegerField()
    room_sealed = BlobField()


class CardRequest(Model):
    """A client's errand to put a card on record at Stripe, for a held slot or by itself (B3)."""

    id = TextField(primary_key=True)
    client_id = TextField()
    claim_id = TextField(null=True)
    session = TextField(null=True)
    url_sealed = BlobField(null=True)
    expires_at = BigIntegerField()
    state = TextField()
    created_at = BigIntegerField()
    next_at = BigIntegerField(null=True)
    holder = TextField(null=True)

    class Meta:
        table_name = "card_request"


class Payment(Model):
    """Where an appointment's money stands, and when a sweep looks at it next (M5a)."""

    appointment_id = TextField(primary_key=True)
    status = TextField()
    reason = TextField(null=True)
    next_at = BigIntegerField(null=True)
    holder = TextField(null=True)
    held_until = BigIntegerField(null=True)
    faults = BigIntegerField()
    waived_at = BigIntegerField(null=True)
    changed_at = BigIntegerField()


class Intent(Model):
    """Every PaymentIntent of an appointment; at most one of them can still take money (M5)."""

    id = TextField(primary_key=True)
    appointment_id = TextField()
    number = BigIntegerField()
    stripe_id = TextField(null=True)
    amount = BigIntegerField()
    commission = BigIntegerField()
    account = TextField()
    customer = TextField()
    state = TextField()
    created_at = BigIntegerField()


class Attempt(Model):
    """One try to confirm an intent, written before it is made."""

    id = TextField(primary_key=True)
    intent_id = TextField()
    number = BigIntegerField()
    card = TextField()
    outcome = TextField()
    code = TextField(null=True)
    started_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)


class Refund(Model):
    """One giving back of everything an intent took, written before it is asked for."""

    id = TextField(primary_key=True)
    intent_id = TextField()
    number = BigIntegerField()
    stripe_id = TextField(null=True)
    amount = BigIntegerField()
    commission = BigIntegerField()
    state = TextField()
    created_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)


class Ledger(Model):
    """Money that moved, append-only (M8)."""

    seq = BigIntegerField(primary_key=True)
    at = BigIntegerField()
    appointment_id = TextField()
    therapist_id = TextField()
    client_id = TextField()
    kind = TextField()
    amount = BigIntegerField()
    commission = BigIntegerField()
    stripe_id = TextField()


class StripeEvent(Model):
    """Ids of Stripe's events already heard (A4)."""

    id = TextField(primary_key=True)
    type = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "stripe_event"


class Reminder(Model):
    """The reminder that one person is owed for one start of one appointment (N2, N3a)."""

    appointment_id = TextField()
    party = TextField()
    start_at = BigIntegerField()
    due_at = BigIntegerField(null=True)
    state = TextField()

    class Meta:
        primary_key = CompositeKey("appointment_id", "party", "start_at")


class Notice(Model):
    """A message that one event owes one person on one channel (N5)."""

    seq = BigIntegerField(primary_key=True)
    once = TextField()
    event = TextField()
    appointment_id = TextField(null=True)
    party = TextField()
    person_id = TextField()
    channel = TextField()
    facts = TextField()
    state = TextField()
    next_at = BigIntegerField(null=True)
    holder = TextField(null=True)
    tries = BigIntegerField()
    expires_at = BigIntegerField(null=True)
    error = TextField(null=True)
    created_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)


class Inbox(Model):
    """Updates from Telegram, durable before they are acknowledged (A4a)."""

    update_id = BigIntegerField(primary_key=True)
    person_hash = TextField()
    kind = TextField()
    sealed = BlobField(null=True)
    state = TextField()
    tries = BigIntegerField()
    received_at = BigIntegerField()


class Dialogue(Model):
    """Where a person is in the chat: step, draft and the one living message."""

    chat_hash = TextField(primary_key=True)
    step = TextField()
    draft_sealed = BlobField()
    message_id = BigIntegerField(null=True)
    changed_at = BigIntegerField()


class Link(Model):
    """A secret link by the hash of its token: confirm an e-mail address, a calendar feed."""

    token_hash = TextField(primary_key=True)
    purpose = TextField()
    person_id = TextField()
    about = TextField(null=True)
    expires_at = BigIntegerField(null=True)
    used_at = BigIntegerField(null=True)
    created_at = BigIntegerField()


class Heartbeat(Model):
    """When each job last ran, and how it ended."""

    job = TextField(primary_key=True)
    began_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)
    did = BigIntegerField()
    error = TextField(null=True)


class Lease(Model):
    """A role that one process at a time has."""

    name = TextField(primary_key=True)
    holder = TextField()
    until = BigIntegerField()


class Audit(Model):
    """Who did what, when and from where: ids only, append-only (A2)."""

    seq = BigIntegerField(primary_key=True)
    at = BigIntegerField()
    role = TextField()
    actor_id = TextField()
    by_whom = TextField(null=True)
    why_sealed = BlobField(null=True)
    via = TextField()
    act = TextField()
    thing = TextField()
    thing_id = TextField()
    detail = TextField()


TABLES: tuple[type[Model], ...] = (
    StoreFact, Therapist, ConnectedAccount, Application, Document, Verdict, Renewal, Chapter,
    SshKey, Client, Bond, Claim,
    Appointment, CardRequest, Payment, Intent, Attempt,
    Refund, Ledger, StripeEvent, Reminder, Notice, Inbox, Dialogue, Link, Heartbeat, Lease, Audit,
)  # fmt: skip
