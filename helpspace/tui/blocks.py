"""Calendar entries of the core as blocks of the grid. Pure."""

from __future__ import annotations

from helpspace.core.calendar import Entry
from helpspace.core.moments import pounds
from helpspace.core.policy import State
from helpspace.tui.layout import Block, Status

_NOT_PAID = {
    "failed": "not paid",
    "needs_approval": "bank asks client",
    "disputed": "disputed",
}
_MONEY = {"paid": "paid", "refunding": "given back", "refunded": "given back", "waived": "waived"}


def status_of(entry: Entry) -> Status:
    """Return what an entry is at a glance; money that is missing shows before all else."""
    if entry.kind == "slot":
        return Status.HELD if entry.state == "held" else Status.OPEN
    if entry.state == State.NO_SHOW:
        return Status.NO_SHOW
    if entry.payment in _NOT_PAID:
        return Status.UNPAID
    return Status.COMPLETED if entry.state == State.COMPLETED else Status.BOOKED


def block_of(entry: Entry, slot_fee: int) -> Block:
    """Return an entry as the grid draws it; `slot_fee` is what a client pays for an open slot."""
    status = status_of(entry)
    if status is Status.OPEN:
        return Block(entry.id, entry.start, entry.end, status, "", pounds(slot_fee))
    if status is Status.HELD:
        return Block(entry.id, entry.start, entry.end, status, "", "being booked")
    return Block(
        entry.id, entry.start, entry.end, status, entry.client_name, _detail(entry), entry.kind
    )


def _detail(entry: Entry) -> str:
    if entry.fee_pence == 0:
        return "free"
    fee = pounds(entry.fee_pence)
    word = _NOT_PAID.get(entry.payment) or _MONEY.get(entry.payment)
    if word is None and entry.card != "ok" and entry.payment == "scheduled":
        word = "no card"
    return f"{fee} {word}" if word else fee
