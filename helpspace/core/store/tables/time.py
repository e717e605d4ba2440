"""Claimed time, the appointments that stand on it, and time off."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, Model, TextField


class Claim(Model):
    """Claimed time of a therapist: a slot with its hold and its booking, or the time of a follow-up
    or of a moved session (purpose `follow_up`)."""

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
    moved_at = BigIntegerField(null=True)
    moved_for = TextField(null=True)
    taken = BigIntegerField(default=0)


class TimeOff(Model):
    """A stretch of time in which a therapist opens and books nothing, until it is lifted (C7)."""

    id = TextField(primary_key=True)
    therapist_id = TextField()
    start_at = BigIntegerField()
    end_at = BigIntegerField()
    created_at = BigIntegerField()
    lifted_at = BigIntegerField(null=True)

    class Meta:
        table_name = "time_off"
