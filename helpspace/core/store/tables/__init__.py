"""The tables as Peewee models, bound to no database: every query is run by a `Reader` or `Tx`.

Instants are UTC epoch seconds, money is pence, `*_sealed` is encrypted by the vault and `*_hash` is
its keyed look-up. What a column may hold and what may change is said by the schema (`migrations`)
and its guards; these classes only name the columns.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

from peewee import Model

from helpspace.core.store.tables.people import (
    Bond,
    Client,
    Erasure,
    Terminal,
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

if TYPE_CHECKING:
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


_MONEY = frozenset({
    "Attempt", "CardRemoval", "CardRequest", "Debt", "Dispute", "Intent", "Ledger", "Payment",
    "Refund", "StripeEvent",
})  # fmt: skip


def __getattr__(name: str) -> Any:
    """Load what a calendar shows without when it is first asked for: it starts more quickly."""
    if name == "TABLES":
        return _tables()
    if name.startswith("_") or name not in __all__:
        raise AttributeError(name)
    return getattr(_late("money" if name in _MONEY else "joining"), name)


def _late(module: str) -> Any:
    return import_module(f"{__name__}.{module}")


def _tables() -> tuple[type[Model], ...]:
    joining, money = _late("joining"), _late("money")
    return (
        StoreFact, Therapist, Terminal, joining.ConnectedAccount, joining.Application,
        joining.Document, joining.Verdict, joining.Renewal, joining.Chapter, joining.SshKey, Client,
        Bond, Erasure, Ticket, Claim, Appointment, money.CardRequest, money.Payment, money.Intent,
        money.Attempt, money.Refund, money.Debt, money.Dispute, money.Ledger, money.StripeEvent,
        TimeOff, Absence, MoveRequest, money.CardRemoval, Wish, Reminder, Notice, Inbox, Dialogue,
        Link, Heartbeat, Lease, Audit,
    )  # fmt: skip
