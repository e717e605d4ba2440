"""The evening before: therapists read which fees fall due tomorrow, if there are any.

It is one mail, written at 18:00 of the therapist's own day, and says what is true when it is sent.
"""

from __future__ import annotations

from datetime import date, timedelta

from helpspace.core import moments, notices
from helpspace.core.moments import DAY, HOUR
from helpspace.core.notices import Event
from helpspace.core.payments.coming import ComingCharge, ahead
from helpspace.core.policy import Party
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import Notice, Therapist

AT_HOUR = 18
"""The hour of the therapist's own evening from which on it is told."""

REACH = 2 * DAY
"""How far ahead the longest "tomorrow" ends, with a clock change in it."""


def planned(view: View, therapist: Therapist, day: date) -> list[ComingCharge]:
    """Return the fees of a therapist that are first taken on a day of theirs, by moment.

    What is not taken by itself is not among them: a disputed client's fees wait for the team.
    """
    begin = moments.start_of_day(day, therapist.zone)
    end = moments.start_of_day(day + timedelta(days=1), therapist.zone)
    found = ahead(view, therapist.id, since=begin, until=end)
    return [one for one in found if one.which == "first"]


_WHO = """SELECT DISTINCT a.therapist_id FROM appointment a
    JOIN payment p ON p.appointment_id = a.id
    WHERE a.state = 'booked' AND p.status = 'scheduled' AND a.fee > 0
    AND a.free_until > ? AND a.free_until < ?"""


def sweep(practice: Practice) -> int:
    """Write the evening's mails and return how many; each therapist has one a day at most."""
    with practice.reading() as view:
        waiting = _waiting(view)
    if not waiting:
        return 0
    with practice.change() as tx:
        waiting = _waiting(tx)
        for therapist, day in waiting:
            notices.write(
                tx,
                Event.CHARGES_TOMORROW,
                once=_once(therapist, day),
                party=Party.THERAPIST,
                person_id=therapist.id,
                expires_at=moments.start_of_day(day + timedelta(days=1), therapist.zone),
                facts={"day": day.isoformat()},
            )
        return len(waiting)


def _once(therapist: Therapist, day: date) -> str:
    return f"{Event.CHARGES_TOMORROW}:{therapist.id}:{day.isoformat()}"


def _waiting(view: View) -> list[tuple[Therapist, date]]:
    """Return who is to be told now, and of which day."""
    found = []
    for (therapist_id,) in view.sql(_WHO, view.now - HOUR, view.now + REACH):
        therapist = view.get(Therapist, str(therapist_id))
        if therapist is None:
            continue
        here = moments.at_zone(view.now, therapist.zone)
        day = here.date() + timedelta(days=1)
        told = f"{_once(therapist, day)}:{Party.THERAPIST}:{therapist.id}:email"
        if here.hour < AT_HOUR or view.find(Notice, "once = ?", told) is not None:
            continue
        if planned(view, therapist, day):
            found.append((therapist, day))
    return found
