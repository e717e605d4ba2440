"""The tables as Peewee models, bound to no database: every query is run by a `Reader` or `Tx`.

Instants are UTC epoch seconds, money is pence, `*_sealed` is encrypted by the vault and `*_hash` is
its keyed look-up. What a column may hold and what may change is said by the schema (`migrations`)
and its guards; these classes only name the columns.
"""

from __future__ import annotations

from peewee import Model

from helpspace.core.store.tables.joining import (
    Application,
    Chapter,
    ConnectedAccount,
    Document,
    Renewal,
    SshKey,
    Verdict,
)
from helpspace.core.store.tables.money import (
    Attempt,
    CardRemoval,
    CardRequest,
    Debt,
    Dispute,
    Intent,
    Ledger,
    Payment,
    Refund,
    StripeEvent,
)
from helpspace.core.store.tables.people import (
    Bond,
    Client,
    Erasure,
    Therapist,
    Ticket,
)
from helpspace.core.store.tables.time import (
    Absence,
    Appointment,
    Claim,
    MoveRequest,
    Reminder,
    TimeOff,
    Wish,
)
from helpspace.core.store.tables.upkeep import (
    Audit,
    Heartbeat,
    Lease,
    StoreFact,
)
from helpspace.core.store.tables.words import (
    Dialogue,
    Inbox,
    Link,
    Notice,
)

__all__ = [
    "TABLES",
    "Absence",
    "Application",
    "Appointment",
    "Attempt",
    "Audit",
    "Bond",
    "CardRemoval",
    "CardRequest",
    "Chapter",
    "Claim",
    "Client",
    "ConnectedAccount",
    "Debt",
    "Dialogue",
    "Dispute",
    "Document",
    "Erasure",
    "Heartbeat",
    "Inbox",
    "Intent",
    "Lease",
    "Ledger",
    "Link",
    "MoveRequest",
    "Notice",
    "Payment",
    "Refund",
    "Reminder",
    "Renewal",
    "SshKey",
    "StoreFact",
    "StripeEvent",
    "Therapist",
    "Ticket",
    "TimeOff",
    "Verdict",
    "Wish",
]

TABLES: tuple[type[Model], ...] = (
    StoreFact, Therapist, ConnectedAccount, Application, Document, Verdict, Renewal, Chapter,
    SshKey, Client, Bond, Erasure, Ticket, Claim, Appointment, CardRequest, Payment, Intent,
    Attempt, Refund, Debt, Dispute, Ledger, StripeEvent, TimeOff, Absence, MoveRequest, CardRemoval,
    Wish, Reminder, Notice, Inbox, Dialogue, Link, Heartbeat, Lease, Audit,
)  # fmt: skip
