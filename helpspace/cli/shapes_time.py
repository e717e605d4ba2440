"""The JSON of moves, series, time off and reports; names follow `interface.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from helpspace.core.moments import iso

if TYPE_CHECKING:
    from helpspace.core.booking import (
        AbsenceView,
        Ending,
        MovePlan,
        MoveRequestView,
        SeriesDate,
        WaivePlan,
    )
    from helpspace.core.time_off import OffSlot, TimeOffPlan, TimeOffView

Json = dict[str, Any]


def _moment(instant: int | None) -> str | None:
    return None if instant is None else iso(instant)


def move(found: MovePlan) -> Json:
    """What a move would mean."""
    return {
        "id": found.appointment_id,
        "appointment_id": found.appointment_id,
        "kind": found.kind,
        "old_start": iso(found.old_start),
        "old_end": iso(found.old_end),
        "start": iso(found.start),
        "end": iso(found.end),
        "minutes": (found.end - found.start) // 60,
        "asked_by": str(found.asked_by),
        "fee_pence": found.fee_pence,
        "paid_pence": found.paid_pence,
        "free_until": iso(found.free_until),
        "charge_at": _moment(found.charge_at),
        "locked": found.locked,
        "withdraws": list(found.withdraws),
        "closes_slot": found.closes_slot,
        "tells": [str(party) for party in found.tells],
    }


def waive(found: WaivePlan) -> Json:
    """What waiving a fee would mean."""
    return {
        "fee_pence": found.fee_pence,
        "owed_pence": found.owed_pence,
        "paid_pence": found.paid_pence,
        "refund_pence": found.refund_pence,
    }


def series_date(one: SeriesDate) -> Json:
    """One week of a series: `state` is free, taken, no_such_time or twice."""
    plan = one.plan
    return {
        "number": one.number,
        "wall": one.wall,
        "state": one.state,
        "why": one.why or None,
        "either": [iso(instant) for instant in one.either],
        "start": _moment(one.start),
        "end": None if plan is None else iso(plan.end),
        "fee_pence": None if plan is None else plan.fee_pence,
        "free_until": None if plan is None else iso(plan.free_until),
        "charge_at": None if plan is None else _moment(plan.charge_at),
        "withdraws": [] if plan is None else list(plan.withdraws),
    }


def ending(one: Ending) -> Json:
    """One session that a cancellation takes along."""
    found = one.consequence
    return {
        "id": one.appointment_id,
        "appointment_id": one.appointment_id,
        "client_id": one.client_id,
        "start": iso(one.start),
        "end": iso(one.end),
        "by": str(found.by),
        "late": found.late,
        "owed_pence": found.owed_pence,
        "paid_pence": found.paid_pence,
        "charge_pence": found.charge_pence,
        "refund_pence": found.refund_pence,
    }


def time_off(view: TimeOffView) -> Json:
    """A stretch of time off."""
    return {
        "id": view.id,
        "therapist_id": view.therapist_id,
        "start": iso(view.start),
        "end": iso(view.end),
        "created_at": iso(view.created_at),
        "lifted_at": _moment(view.lifted_at),
    }


def time_off_plan(found: TimeOffPlan) -> Json:
    """What time off would close and hit."""
    return {
        "therapist_id": found.therapist_id,
        "start": iso(found.start),
        "end": iso(found.end),
        "slots": [_off_slot(one) for one in found.slots],
        "sessions": [ending(one) for one in found.sessions],
        "refund_pence": found.refund_pence,
    }


def _off_slot(one: OffSlot) -> Json:
    state = "held" if one.held else "open"
    return {"slot_id": one.id, "start": iso(one.start), "end": iso(one.end), "state": state}


def absence(view: AbsenceView) -> Json:
    """A report that a therapist did not come: `state` is reported, agreed or refused."""
    return {
        "id": view.appointment_id,
        "appointment_id": view.appointment_id,
        "therapist_id": view.therapist_id,
        "client_id": view.client_id,
        "start": iso(view.start),
        "end": iso(view.end),
        "fee_pence": view.fee_pence,
        "state": view.state,
        "reported_at": iso(view.reported_at),
        "decided_at": _moment(view.decided_at),
        "reason": view.reason or None,
    }


def move_request(view: MoveRequestView) -> Json:
    """A client's wish for another time: `state` is asked, moved, refused or over."""
    return {
        "id": view.appointment_id,
        "appointment_id": view.appointment_id,
        "therapist_id": view.therapist_id,
        "client_id": view.client_id,
        "start": iso(view.start),
        "state": view.state,
        "asked_at": iso(view.asked_at),
    }
