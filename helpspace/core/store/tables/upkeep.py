"""The store itself: facts, heartbeats, leases, the trail."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, Model, TextField


class StoreFact(Model):
    """Facts about this store itself, such as its own random name."""

    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "store_fact"


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
