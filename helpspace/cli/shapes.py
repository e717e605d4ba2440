"""What each thing looks like as JSON, field by field, in the names of `interface.md`."""

from __future__ import annotations

from typing import TYPE_CHECKING

from helpspace.cli.desk import Json
from helpspace.core.moments import iso

if TYPE_CHECKING:
    from helpspace.core.accounts import ClientView
    from helpspace.core.appointments import AppointmentView
    from helpspace.core.audit import TrailRow
    from helpspace.core.booking import FollowUpPlan
    from helpspace.core.calendar import SlotView
    from helpspace.core.joining.application import ApplicationView
    from helpspace.core.joining.keys import KeyView
    from helpspace.core.joining.progress import Joining
    from helpspace.core.joining.renewal import RenewalView
    from helpspace.core.notices import NoticeView
    from helpspace.core.payments.lists import ChargeView, RefundView
    from helpspace.core.policy import Consequence
    from helpspace.core.profiles import TherapistView
    from helpspace.core.slots import SlotRow


def moment(instant: int | None) -> str | None:
    """Return an instant as ISO 8601 UTC, or None."""
    return None if instant is None else iso(instant)


def therapist(view: TherapistView) -> Json:
    """A therapist."""
    return {
        "id": view.id,
        "name": view.name,
        "email": view.email,
        "contact": view.contact,
        "handle": view.handle,
        "zone": view.zone,
        "status": view.status,
        "notice_minutes": None if view.notice_s is None else view.notice_s // 60,
        "initial_fee_pence": view.initial_fee_pence,
        "initial_minutes": view.initial_minutes,
        "follow_up_fee_pence": view.follow_up_fee_pence,
        "follow_up_minutes": view.follow_up_minutes,
        "reopens": view.reopens,
        "payments_enabled": view.payments_enabled,
        "visible": view.visible,
        "why_hidden": list(view.why_hidden),
        "open_slots": view.open_slots,
        "created_at": iso(view.created_at),
    }


def joining(found: Joining) -> Json:
    """How far a therapist has come with joining."""
    return {
        "next_step": found.step,
        "lacks": list(found.lacks),
        "stripe_asks": list(found.stripe_asks),
    }


def client(view: ClientView) -> Json:
    """A client."""
    return {
        "id": view.id,
        "name": view.name,
        "email": view.email,
        "email_confirmed": view.email_confirmed,
        "zone": view.zone,
        "card": view.card,
        "by_email": view.by_email,
        "by_chat": view.by_chat,
        "accepted_terms": view.accepted_terms,
        "charges_stopped_at": moment(view.charges_stopped_at),
        "created_at": iso(view.created_at),
    }


def slot(view: SlotView | SlotRow) -> Json:
    """A slot."""
    return {
        "id": view.id,
        "slot_id": view.id,
        "therapist_id": view.therapist_id,
        "start": iso(view.start),
        "end": iso(view.end),
        "minutes": view.minutes,
        "fee_pence": view.fee_pence,
        "state": view.state,
    }


def appointment(view: AppointmentView) -> Json:
    """An appointment."""
    return {
        "id": view.id,
        "appointment_id": view.id,
        "kind": view.kind,
        "therapist_id": view.therapist_id,
        "client_id": view.client_id,
        "slot_id": view.slot_id,
        "start": iso(view.start),
        "end": iso(view.end),
        "minutes": view.minutes,
        "fee_pence": view.fee_pence,
        "owed_pence": view.owed_pence,
        "paid_pence": view.paid_pence,
        "state": view.state,
        "free_until": iso(view.free_until),
        "booked_at": iso(view.booked_at),
        "cancelled_at": moment(view.cancelled_at),
        "video_url": view.video_url,
        "payment": view.payment,
        "payment_reason": view.payment_reason,
        "card": view.card,
        "series": view.series,
    }


def plan(found: FollowUpPlan, therapist_id: str) -> Json:
    """A follow-up as it would be booked."""
    return {
        "id": None,
        "kind": "follow_up",
        "therapist_id": therapist_id,
        "client_id": found.client_id,
        "start": iso(found.start),
        "end": iso(found.end),
        "minutes": (found.end - found.start) // 60,
        "fee_pence": found.fee_pence,
        "free_until": iso(found.free_until),
        "charge_at": moment(found.charge_at),
        "card": found.card,
        "withdraws": list(found.withdraws),
        "dry_run": True,
    }


def consequence(found: Consequence) -> Json:
    """What a cancellation means for the money."""
    return {
        "by": str(found.by),
        "late": found.late,
        "owed_pence": found.owed_pence,
        "paid_pence": found.paid_pence,
        "charge_pence": found.charge_pence,
        "refund_pence": found.refund_pence,
    }


def charge(view: ChargeView) -> Json:
    """Where an appointment's money stands."""
    return {
        "id": view.appointment_id,
        "appointment_id": view.appointment_id,
        "therapist_id": view.therapist_id,
        "client_id": view.client_id,
        "start": iso(view.start),
        "fee_pence": view.fee_pence,
        "owed_pence": view.owed_pence,
        "paid_pence": view.paid_pence,
        "payment": view.payment,
        "reason": view.reason,
        "free_until": iso(view.free_until),
        "next_at": moment(view.next_at),
        "payment_intent": view.stripe_id,
        "payment_intents": list(view.stripe_ids),
    }


def refund(view: RefundView) -> Json:
    """A refund."""
    return {
        "id": view.id,
        "appointment_id": view.appointment_id,
        "therapist_id": view.therapist_id,
        "client_id": view.client_id,
        "amount_pence": view.amount_pence,
        "commission_pence": view.commission_pence,
        "state": view.state,
        "reason": view.reason,
        "account_owes_pence": view.account_owes_pence,
        "refund": view.stripe_id,
        "payment_intent": view.payment_intent,
        "created_at": iso(view.created_at),
        "ended_at": moment(view.ended_at),
    }


def notice(view: NoticeView) -> Json:
    """A notice, without its words and address."""
    return {
        "id": view.id,
        "event": view.event,
        "appointment_id": view.appointment_id,
        "party": view.party,
        "person_id": view.person_id,
        "channel": view.channel,
        "state": view.state,
        "tries": view.tries,
        "error": view.error,
        "created_at": iso(view.created_at),
        "ended_at": moment(view.ended_at),
    }


def trail_row(row: TrailRow) -> Json:
    """A row of the trail."""
    return {
        "id": row.id,
        "at": iso(row.at),
        "role": row.role,
        "actor_id": row.actor_id,
        "by_whom": row.by_whom,
        "why": row.why,
        "via": row.via,
        "act": row.act,
        "thing": row.thing,
        "thing_id": row.thing_id,
        "detail": row.detail,
    }


def application(view: ApplicationView) -> Json:
    """An application for the team, with what stands between it and its approval."""
    from helpspace.core.joining import bodies, review

    answers = view.answers.get("body", {})
    body = bodies.body_of(answers.get("body", ""))
    return {
        "id": view.therapist_id,
        "therapist_id": view.therapist_id,
        "name": view.name,
        "state": view.state,
        "version": view.version,
        "answers": view.answers,
        "parts": [_part(view, part) for part in review.parts_of(view)],
        "documents": [
            {
                "id": one.id,
                "kind": one.kind,
                "name": one.name,
                "type": one.type,
                "size": one.size,
                "digest": one.digest,
                "created_at": iso(one.created_at),
            }
            for one in view.documents
        ],
        "register": {
            "body": None if body is None else body.name,
            "url": None if body is None else body.register,
            "number": answers.get("number") or None,
            "checked_at": moment(view.checked_at),
            "checked_by": view.checked_by,
            "recheck_at": moment(view.recheck_at),
        },
        "missing": [
            {"page": one.topic, "field": one.field, "message": one.line} for one in view.lacks
        ],
        "to_do": review.still_to_do(view),
        "reason": view.reason,
        "created_at": iso(view.created_at),
        "submitted_at": moment(view.submitted_at),
        "decided_at": moment(view.decided_at),
    }


def _part(view: ApplicationView, part: str) -> Json:
    from helpspace.core.joining import review

    said = view.verdicts.get(part)
    return {
        "part": part,
        "title": review.part_words(view, part),
        "accepted": None if said is None else said.accepted,
        "reason": "" if said is None else said.reason,
        "by_whom": None if said is None else said.by_whom,
        "at": None if said is None else iso(said.at),
    }


def renewal(view: RenewalView) -> Json:
    """A new proof or picture of an approved counsellor."""
    from helpspace.core.joining.bodies import body_of

    body = body_of(view.answers.get("body", "")) if view.proof == "registration" else None
    return {
        "id": view.id,
        "therapist_id": view.therapist_id,
        "name": view.name,
        "proof": view.proof,
        "state": view.state,
        "answers": view.answers,
        "until": moment(view.until),
        "file": view.file or None,
        "register": body.register if body else None,
        "reason": view.reason or None,
        "by_whom": view.by_whom,
        "created_at": moment(view.created_at),
        "decided_at": moment(view.decided_at),
    }


def ssh_key(view: KeyView) -> Json:
    """A key of a shared host."""
    return {
        "id": view.id,
        "therapist_id": view.therapist_id,
        "type": view.type,
        "fingerprint": view.fingerprint,
        "created_at": iso(view.created_at),
        "revoked_at": moment(view.revoked_at),
    }
