"""Cards, payments with everything tried for them, and the ledger."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, Model, TextField


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
