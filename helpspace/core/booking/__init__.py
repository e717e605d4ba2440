"""Booking and cancelling: the acts that bind two people and their money."""

from helpspace.core.booking.absence import (
    AbsenceView,
    absence,
    absences,
    answer_absence,
    can_report,
    plan_answer,
    report_absence,
)
from helpspace.core.booking.asking import (
    MoveRequestView,
    ask_to_move,
    move_request,
    plan_refuse_move,
    refuse_move,
)
from helpspace.core.booking.bonds import end_relationship
from helpspace.core.booking.ending import cancel, complete_past, preview_cancel
from helpspace.core.booking.follow_up import FollowUpPlan, book_follow_up, plan_follow_up
from helpspace.core.booking.initial import (
    Held,
    Offer,
    Shown,
    book,
    book_initial,
    check_slot,
    holds,
    offer,
)
from helpspace.core.booking.moving import MovePlan, MoveShown, move, plan_move
from helpspace.core.booking.series import (
    Ending,
    SeriesDate,
    SeriesPlan,
    book_series,
    cancel_series,
    plan_cancel_series,
    plan_series,
)
from helpspace.core.booking.waiving import WaivePlan, no_show, plan_no_show, plan_waive, waive

__all__ = [
    "AbsenceView",
    "Ending",
    "FollowUpPlan",
    "Held",
    "MovePlan",
    "MoveRequestView",
    "MoveShown",
    "Offer",
    "SeriesDate",
    "SeriesPlan",
    "Shown",
    "WaivePlan",
    "absence",
    "absences",
    "answer_absence",
    "ask_to_move",
    "book",
    "book_follow_up",
    "book_initial",
    "book_series",
    "can_report",
    "cancel",
    "cancel_series",
    "check_slot",
    "complete_past",
    "end_relationship",
    "holds",
    "move",
    "move_request",
    "no_show",
    "offer",
    "plan_answer",
    "plan_cancel_series",
    "plan_follow_up",
    "plan_move",
    "plan_no_show",
    "plan_refuse_move",
    "plan_series",
    "plan_waive",
    "preview_cancel",
    "refuse_move",
    "report_absence",
    "waive",
]
