"""The people: therapists with their terminals, and clients."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, CharField, Model, TextField


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
    day_cap = BigIntegerField(null=True)
    rest_minutes = BigIntegerField(default=0)


class Terminal(Model):
    """What a therapist has set about their terminal; one who never set anything has no row."""

    therapist_id = TextField(primary_key=True)
    theme = TextField(null=True)
    view = TextField()
    opens = TextField()
    blurs = BigIntegerField()
    keys = TextField()
    toured_at = BigIntegerField(null=True)
    lock_sealed = BlobField(null=True)
    lock_minutes = BigIntegerField(null=True)
    lock_misses = BigIntegerField()
    lock_until = BigIntegerField(null=True)


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
    charges_stopped_at = BigIntegerField(null=True)
    card_next_at = BigIntegerField(null=True)
    card_seen_at = BigIntegerField(null=True)
    discreet = BigIntegerField(default=1)
