"""Claimed time, and the appointments and reminders that stand on it."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, CompositeKey, Model, TextField


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


class Absence(Model):
    """A client's report that the therapist did not come, and what became of it (M9)."""

    appointment_id = TextField(primary_key=True)
    state = TextField()
    reported_at = BigIntegerField()
    reason_sealed = BlobField(null=True)
    decided_at = BigIntegerField(null=True)
    decided_by = TextField(null=True)


class MoveRequest(Model):
    """A client's wish for another time of a session; it moves nothing by itself (B2)."""

    appointment_id = TextField(primary_key=True)
    asked_at = BigIntegerField()
    refused_at = BigIntegerField(null=True)

    class Meta:
        table_name = "move_request"


class Reminder(Model):
    """The reminder that one person is owed for one start of one appointment (N2, N3a)."""

    appointment_id = TextField()
    party = TextField()
    start_at = BigIntegerField()
    due_at = BigIntegerField(null=True)
    state = TextField()

    class Meta:
        primary_key = CompositeKey("appointment_id", "party", "start_at")


class Wish(Model):
    """What a client had wished for when they booked; kept only with a booking (K3a)."""

    appointment_id = TextField(primary_key=True)
    wishes_sealed = BlobField()
    kept_at = BigIntegerField()
