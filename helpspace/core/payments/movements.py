"""The ledger as it is read: THE query behind report, CSV, figures, receipts and the year's sums.

Whoever adds money up asks here, so that no two screens can disagree (M8).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from helpspace.core.practice import View

GIVEN_BACK = "refund"
TAKEN = "charge"


@dataclass(frozen=True, slots=True)
class Movement:
    """One row of the ledger with its session; amounts in pence, instants in UTC epoch seconds.

    `commission_pence` is the platform's part: positive when it was kept, negative when it went
    back with a refund. What a bank took back in a dispute is `disputed_pence`: it falls on the
    platform, so the therapist's net does not change by it. A row that undoes an earlier one, such
    as a refund that failed later, has its amounts below zero.
    """

    seq: int
    at: int
    kind: str
    appointment_id: str
    therapist_id: str
    client_id: str
    session_start: int
    session_kind: str
    gross_pence: int
    refunded_pence: int
    disputed_pence: int
    commission_pence: int
    stripe_id: str
    payment_intent: str | None

    @property
    def net_pence(self) -> int:
        """What it came to for the therapist."""
        return self.gross_pence - self.refunded_pence - self.commission_pence


@dataclass(frozen=True, slots=True)
class Sums:
    """Movements added up, in pence."""

    gross_pence: int = 0
    refunded_pence: int = 0
    disputed_pence: int = 0
    commission_pence: int = 0

    @property
    def net_pence(self) -> int:
        """What it came to for the therapists."""
        return self.gross_pence - self.refunded_pence - self.commission_pence


def add_up(movements: Iterable[Movement]) -> Sums:
    """Return the sums of movements."""
    gross = refunded = disputed = commission = 0
    for one in movements:
        gross += one.gross_pence
        refunded += one.refunded_pence
        disputed += one.disputed_pence
        commission += one.commission_pence
    return Sums(gross, refunded, disputed, commission)


_QUERY = """SELECT l.seq, l.at, l.kind, l.appointment_id, l.therapist_id, l.client_id,
    a.start_at, a.kind, CASE l.undoes WHEN 1 THEN -l.amount ELSE l.amount END,
    CASE l.undoes WHEN 1 THEN -l.commission ELSE l.commission END, l.stripe_id,
    CASE l.kind WHEN 'charge' THEN l.stripe_id ELSE i.stripe_id END
    FROM ledger l JOIN appointment a ON a.id = l.appointment_id
    LEFT JOIN refund r ON r.stripe_id = replace(l.stripe_id, ':failed', '')
    LEFT JOIN intent i ON i.id = r.intent_id"""


def movements(
    view: View,
    *,
    since: int | None = None,
    until: int | None = None,
    therapist_id: str | None = None,
    client_id: str | None = None,
    appointment_id: str | None = None,
) -> list[Movement]:
    """Return what moved from an instant up to, and without, another one, in the ledger's order."""
    asked = {
        "l.at >= ?": since,
        "l.at < ?": until,
        "l.therapist_id = ?": therapist_id,
        "l.client_id = ?": client_id,
        "l.appointment_id = ?": appointment_id,
    }
    wanted = {text: value for text, value in asked.items() if value is not None}
    where = f" WHERE {' AND '.join(wanted)}" if wanted else ""
    rows = view.sql(f"{_QUERY}{where} ORDER BY l.at, l.seq", *wanted.values())
    return [_movement(row) for row in rows]


def _movement(row: Sequence[Any]) -> Movement:
    seq, at, kind, appointment_id, therapist_id, client_id, start, session_kind, *money = row
    amount, commission, stripe_id, payment_intent = money
    sign = {TAKEN: 1, GIVEN_BACK: -1}.get(kind, 0)
    return Movement(
        seq=seq,
        at=at,
        kind=kind,
        appointment_id=appointment_id,
        therapist_id=therapist_id,
        client_id=client_id,
        session_start=start,
        session_kind=session_kind,
        gross_pence=amount if kind == TAKEN else 0,
        refunded_pence=amount if kind == GIVEN_BACK else 0,
        disputed_pence=0 if kind in (TAKEN, GIVEN_BACK) else amount,
        commission_pence=sign * commission,
        stripe_id=stripe_id,
        payment_intent=payment_intent,
    )
