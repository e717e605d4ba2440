"""What the processes of a practice know of each other."""

from __future__ import annotations

from peewee import BigIntegerField, Model, TextField


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
    since = BigIntegerField()
