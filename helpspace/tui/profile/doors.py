"""Where each gate of publishing is mended: by which action, or in which other place."""

from __future__ import annotations

DOORS = {
    "course_not_completed": "checklist.learn",
    "proofs_expired": "checklist.proofs",
    "no_minimum_notice": "checklist.edit",
    "switched_off": "checklist.holidays",
    "no_bookable_slot": "checklist.slot",
}
"""The action of the checklist that mends a gate; its key is shown beside it."""

ELSEWHERE = {
    "not_approved": "Leave with {app.quit}, then run: helpspace join",
    "payments_not_enabled": "Leave with {app.quit}, then run: helpspace join",
}
"""What to say of gates that no key of the calendar mends."""
