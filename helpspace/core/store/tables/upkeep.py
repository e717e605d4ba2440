"""The store itself: its facts and the trail."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, Model, TextField


class StoreFact(Model):
    """Facts about this store itself, such as its own random name."""

    key = TextField(primary_key=True)
    value = TextField()

    class Meta:
        table_name = "store_fact"


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
