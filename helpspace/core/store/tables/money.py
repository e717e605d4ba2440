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


class CardRemoval(Model):
    """A card that its client has taken off the record, until Stripe has let go of it too."""

    method = TextField(primary_key=True)
    client_id = TextField()
    customer = TextField()
    tries = BigIntegerField()
    next_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    done_at = BigIntegerField(null=True)

    class Meta:
        table_name = "card_removal"


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
    """One try to confirm an intent, written before it is made.

    With `return_url` the client was there and could approve at the bank; without, off-session.
    """

    id = TextField(primary_key=True)
    intent_id = TextField()
    number = BigIntegerField()
    card = TextField()
    return_url = TextField(null=True)
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
    reverses = BigIntegerField(default=1)
    reason = TextField(null=True)


class Debt(Model):
    """What a connected account owes: a refund was paid without taking the transfer back (M3)."""

    refund_id = TextField(primary_key=True)
    therapist_id = TextField()
    account = TextField()
    amount = BigIntegerField()
    state = TextField()
    reason = TextField(null=True)
    reversal = TextField(null=True)
    tries = BigIntegerField()
    next_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    settled_at = BigIntegerField(null=True)


class Dispute(Model):
    """A charge that its card's holder disputes at the bank, as Stripe has it.

    Until it was first read (`status` is "heard") only its id is known.
    """

    id = TextField(primary_key=True)
    appointment_id = TextField(null=True)
    intent = TextField(null=True)
    amount = BigIntegerField(null=True)
    status = TextField()
    reason = TextField(null=True)
    withdrawn = BigIntegerField(default=0)
    refundable = BigIntegerField(default=0)
    due_by = BigIntegerField(null=True)
    next_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
    changed_at = BigIntegerField()


class Ledger(Model):
    """Money that moved, append-only (M8).

    A row that `undoes` takes an earlier one of its kind back: a refund that failed after all, a
    dispute that was won.
    """

    seq = BigIntegerField(primary_key=True)
    at = BigIntegerField()
    appointment_id = TextField()
    therapist_id = TextField()
    client_id = TextField()
    kind = TextField()
    amount = BigIntegerField()
    commission = BigIntegerField()
    stripe_id = TextField()
    undoes = BigIntegerField(default=0)


class StripeEvent(Model):
    """Ids of Stripe's events already heard (A4)."""

    id = TextField(primary_key=True)
    type = TextField()
    at = BigIntegerField()

    class Meta:
        table_name = "stripe_event"
