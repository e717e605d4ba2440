"""What follows from appointments: absences, requests to move, reminders, wishes."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, CompositeKey, Model, TextField


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
