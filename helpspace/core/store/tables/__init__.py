"""The tables as Peewee models, bound to no database: every query is run by a `Reader` or `Tx`.

Instants are UTC epoch seconds, money is pence, `*_sealed` is encrypted by the vault and `*_hash` is
its keyed look-up. What a column may hold and what may change is said by the schema (`migrations`)
and its guards; these classes only name the columns.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from peewee import Model

from helpspace.core.store.tables.people import Client, Terminal, Therapist
from helpspace.core.store.tables.time import Appointment, Claim, TimeOff
from helpspace.core.store.tables.upkeep import Audit, StoreFact

if TYPE_CHECKING:
    from helpspace.core.store.tables.following import Absence, MoveRequest, Reminder, Wish
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
        Refund,
        StripeEvent,
    )
    from helpspace.core.store.tables.payment import Payment
    from helpspace.core.store.tables.processes import Heartbeat, Lease
    from helpspace.core.store.tables.rights import Bond, Erasure, Ticket
    from helpspace.core.store.tables.words import Dialogue, Inbox, Link, Notice

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
    "Terminal",
    "Therapist",
    "Ticket",
    "TimeOff",
    "Verdict",
    "Wish",
]

TABLES: tuple[type[Model], ...]
"""All of them."""


_LATE = {
    "following": ("Absence", "MoveRequest", "Reminder", "Wish"),
    "joining": (
        "Application", "Chapter", "ConnectedAccount", "Document", "Renewal", "SshKey", "Verdict",
    ),
    "money": (
        "Attempt", "CardRemoval", "CardRequest", "Debt", "Dispute", "Intent", "Ledger", "Refund",
        "StripeEvent",
    ),
    "payment": ("Payment",),
    "processes": ("Heartbeat", "Lease"),
    "rights": ("Bond", "Erasure", "Ticket"),
    "words": ("Dialogue", "Inbox", "Link", "Notice"),
}  # fmt: skip
"""What a calendar shows without, by module: loaded when first asked for, it starts more quickly."""


def __getattr__(name: str) -> Any:
    if name == "TABLES":
        return _tables()
    module = next((module for module, names in _LATE.items() if name in names), None)
    if module is None:
        raise AttributeError(name)
    return getattr(_late(module), name)


def _late(module: str) -> Any:
    return import_module(f"{__name__}.{module}")


def _tables() -> tuple[type[Model], ...]:
    here = import_module(__name__)
    return tuple(getattr(here, name) for name in _ORDER)


_ORDER = (
    "StoreFact", "Therapist", "Terminal", "ConnectedAccount", "Application", "Document", "Verdict",
    "Renewal", "Chapter", "SshKey", "Client", "Bond", "Erasure", "Ticket", "Claim", "Appointment",
    "CardRequest", "Payment", "Intent", "Attempt", "Refund", "Debt", "Dispute", "Ledger",
    "StripeEvent", "TimeOff", "Absence", "MoveRequest", "CardRemoval", "Wish", "Reminder", "Notice",
    "Inbox", "Dialogue", "Link", "Heartbeat", "Lease", "Audit",
)  # fmt: skip
