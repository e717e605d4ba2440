"""What is said and heard: notices, the inbox, dialogues, links."""

from __future__ import annotations

from peewee import BigIntegerField, BlobField, Model, TextField


class Notice(Model):
    """A message that one event owes one person on one channel (N5)."""

    seq = BigIntegerField(primary_key=True)
    once = TextField()
    event = TextField()
    appointment_id = TextField(null=True)
    party = TextField()
    person_id = TextField()
    channel = TextField()
    facts = TextField()
    state = TextField()
    next_at = BigIntegerField(null=True)
    holder = TextField(null=True)
    tries = BigIntegerField()
    lost = BigIntegerField(default=0)
    expires_at = BigIntegerField(null=True)
    error = TextField(null=True)
    created_at = BigIntegerField()
    ended_at = BigIntegerField(null=True)


class Inbox(Model):
    """Updates from Telegram, durable before they are acknowledged (A4a)."""

    update_id = BigIntegerField(primary_key=True)
    person_hash = TextField()
    kind = TextField()
    sealed = BlobField(null=True)
    state = TextField()
    tries = BigIntegerField()
    received_at = BigIntegerField()


class Dialogue(Model):
    """Where a person is in the chat: step, draft and the one living message."""

    chat_hash = TextField(primary_key=True)
    step = TextField()
    draft_sealed = BlobField()
    message_id = BigIntegerField(null=True)
    changed_at = BigIntegerField()


class Link(Model):
    """A secret link by the hash of its token, such as to confirm an e-mail address."""

    token_hash = TextField(primary_key=True)
    purpose = TextField()
    person_id = TextField()
    about = TextField(null=True)
    expires_at = BigIntegerField(null=True)
    used_at = BigIntegerField(null=True)
    created_at = BigIntegerField()
