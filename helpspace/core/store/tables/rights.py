"""What binds people, what they asked to have erased, and their calls for help."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, CompositeKey, Model, TextField


class Bond(Model):
    """What a client and a therapist agreed beyond single sessions: invited, ended (B2)."""

    therapist_id = TextField()
    client_id = TextField()
    invited_at = BigIntegerField(null=True)
    ended_at = BigIntegerField(null=True)

    class Meta:
        primary_key = CompositeKey("therapist_id", "client_id")


class Erasure(Model):
    """A client who has asked to be forgotten, until nothing of them is left (K4, D6)."""

    client_id = TextField(primary_key=True)
    state = TextField()
    customer = TextField(null=True)
    asked_at = BigIntegerField()
    due_by = BigIntegerField()
    wiped_at = BigIntegerField(null=True)
    done_at = BigIntegerField(null=True)
    next_at = BigIntegerField(null=True)


class Ticket(Model):
    """What a client wrote to the team, and the answer; wiped with the client (K4)."""

    id = TextField(primary_key=True)
    client_id = TextField()
    kind = TextField()
    text_sealed = BlobField(null=True)
    answer_sealed = BlobField(null=True)
    state = TextField()
    created_at = BigIntegerField()
    answer_by = BigIntegerField()
    answered_at = BigIntegerField(null=True)
