"""Joining: applications with their files and verdicts, the course, keys of shared hosts."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, CompositeKey, Model, TextField


class Application(Model):
    """A counsellor's application, from draft to decision (J2, J4)."""

    therapist_id = TextField(primary_key=True)
    state = TextField()
    answers_sealed = BlobField()
    version = BigIntegerField()
    reason_sealed = BlobField(null=True)
    insured_until = BigIntegerField(null=True)
    registered_until = BigIntegerField(null=True)
    submitted_at = BigIntegerField(null=True)
    decided_at = BigIntegerField(null=True)
    checked_at = BigIntegerField(null=True)
    checked_by = TextField(null=True)
    recheck_at = BigIntegerField(null=True)
    created_at = BigIntegerField()


class Document(Model):
    """A file of an application; its content lies encrypted under its id (J3)."""

    id = TextField(primary_key=True)
    therapist_id = TextField()
    kind = TextField()
    name_sealed = BlobField()
    type = TextField()
    size = BigIntegerField()
    digest = TextField()
    created_at = BigIntegerField()
    removed_at = BigIntegerField(null=True)


class Verdict(Model):
    """What the team said of one part of an application: a topic or a document (J4)."""

    therapist_id = TextField()
    part = TextField()
    accepted = BigIntegerField()
    reason_sealed = BlobField(null=True)
    by_whom = TextField()
    at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("therapist_id", "part")


class Chapter(Model):
    """A chapter of the course that a therapist has completed (J6)."""

    therapist_id = TextField()
    name = TextField()
    done_at = BigIntegerField()

    class Meta:
        primary_key = CompositeKey("therapist_id", "name")


class SshKey(Model):
    """A public key by which a therapist is known on a shared host (A2)."""

    id = TextField(primary_key=True)
    therapist_id = TextField()
    public = TextField()
    created_at = BigIntegerField()
    revoked_at = BigIntegerField(null=True)

    class Meta:
        table_name = "ssh_key"


class ConnectedAccount(Model):
    """An account at Stripe that was asked for a therapist; the newest is in use (J5).

    The row is there before the account; `turn` and `asked_at` say under which key, and since when,
    Stripe is asked for it.
    """

    therapist_id = TextField()
    number = BigIntegerField()
    account = TextField(null=True)
    turn = BigIntegerField()
    asked_at = BigIntegerField()
    created_at = BigIntegerField()
    gone_at = BigIntegerField(null=True)

    class Meta:
        table_name = "connected_account"
        primary_key = CompositeKey("therapist_id", "number")


class Renewal(Model):
    """A new proof or picture that an approved counsellor hands in for review (J4, J7)."""

    id = TextField(primary_key=True)
    therapist_id = TextField()
    proof = TextField()
    answers_sealed = BlobField()
    until_at = BigIntegerField(null=True)
    file = TextField(null=True)
    name_sealed = BlobField(null=True)
    type = TextField(null=True)
    size = BigIntegerField(null=True)
    digest = TextField(null=True)
    state = TextField()
    reason_sealed = BlobField(null=True)
    by_whom = TextField(null=True)
    created_at = BigIntegerField()
    decided_at = BigIntegerField(null=True)
