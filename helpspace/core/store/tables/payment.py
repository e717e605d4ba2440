"""What an appointment owes, which is shown with every session."""

from __future__ import annotations

from peewee import BigIntegerField, Model, TextField


class Payment(Model):
    """Where an appointment's money stands, and when a sweep looks at it next (M5a).

    `asked_at` is there while the team waits for one more try of a declined card (M6).
    """

    appointment_id = TextField(primary_key=True)
    status = TextField()
    reason = TextField(null=True)
    next_at = BigIntegerField(null=True)
    holder = TextField(null=True)
    held_until = BigIntegerField(null=True)
    faults = BigIntegerField()
    waived_at = BigIntegerField(null=True)
    changed_at = BigIntegerField()
    asked_at = BigIntegerField(null=True)
