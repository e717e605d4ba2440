"""Booking and cancelling: the acts that bind two people and their money."""

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
    offer,
)

__all__ = [
    "FollowUpPlan",
    "Held",
    "Offer",
    "Shown",
    "book",
    "book_follow_up",
    "book_initial",
    "cancel",
    "check_slot",
    "complete_past",
    "end_relationship",
    "offer",
    "plan_follow_up",
    "preview_cancel",
]
