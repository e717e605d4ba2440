"""What is said about clients and invitations. Pure."""

from __future__ import annotations

from helpspace.core import moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.casebook import Case, CasePage
from helpspace.core.invitations import Invited
from helpspace.core.moments import pounds
from helpspace.core.policy import State
from helpspace.tui import messages
from helpspace.tui.desk import Desk
from helpspace.tui.opened.refusing import refused_words
from helpspace.tui.opened.words import facts_of
from helpspace.tui.outcomes import (
    booked_words,
    cancelled_words,
    series_cancelled_words,
)
from helpspace.tui.words import shown_when

CARDS = {"ok": "card on record", "missing": "no card", "expired": "card expired"}
STANDINGS = {
    "yours": "",
    "invited": "invited",
    "cancelled": "no session left",
    "ended": "ended the work",
}
FATES = {
    "accepted": "accepted",
    "taken_back": "taken back",
    "expired": "ran out",
}


def count(number: int, word: str) -> str:
    """Return "1 client", "12 clients"."""
    return f"{number} {word}{'' if number == 1 else 's'}"


def when_words(one: Case, zone: str, now: int) -> str:
    """Say when they come next, or were there last."""
    if one.ahead is not None:
        return f"next {moments.show(one.ahead, zone, reference=now)}"
    if one.last is not None:
        return f"last {moments.show(one.last, zone, reference=now)}"
    return "no session yet" if one.standing == "invited" else "—"


def marks_of(one: Case) -> tuple[str, bool]:
    """Return what is noteworthy about somebody, and whether it is a warning."""
    said = [STANDINGS[one.standing]] if STANDINGS[one.standing] else []
    if one.owed_pence:
        said.append(f"owes {pounds(one.owed_pence)}")
    if one.card != "ok" and one.bookable:
        said.append(CARDS[one.card])
    return ", ".join(said), bool(one.owed_pence) or one.standing == "ended"


def standing_words(page: CasePage, zone: str, now: int) -> str:
    """Say what can be booked for somebody, where that is not plain (B2)."""
    case = page.case
    if case.standing == "ended":
        at = "" if page.ended_at is None else f" on {_at(page.ended_at, zone, now)}"
        return f"They ended the work with you{at}: nothing new can be booked for them."
    if case.standing == "cancelled":
        return "No session is left: a new one begins with an initial session or an invitation."
    if case.standing == "invited" and page.invited_at is not None:
        return f"They accepted your invitation on {_at(page.invited_at, zone, now)}."
    return ""


def about(page: CasePage, zone: str, now: int, *, blur: bool) -> list[tuple[str, str, str]]:
    """Return a client's facts as labels, texts and styles."""
    case = page.case
    contact = page.contact
    if not contact:
        contact = "shown from the first booking on"
    elif blur:
        contact = "hidden"
    there = ""
    if case.zone != zone:
        there = f", {moments.show_time(now, case.zone)} {moments.zone_word(case.zone)} for them now"
    since = "" if page.since is None else f", first booked {_at(page.since, zone, now)}"
    held = count(case.sessions, "session")
    extra = [f"{page.missed} missed"] if page.missed else []
    extra += [f"{page.late} cancelled late"] if page.late else []
    sessions = f"{held}{since}{''.join(f', {one}' for one in extra)}"
    money = f"{pounds(page.paid_pence)} paid"
    owed = f", {pounds(case.owed_pence)} owed" if case.owed_pence else ", nothing owed"
    card = CARDS[case.card] if case.card != "ok" else "on record"
    return [
        ("Contact", f"{contact}{there}", "$grid-text"),
        ("Sessions", sessions, "$grid-text"),
        ("Money", f"{money}{owed}", "$warning" if case.owed_pence else "$grid-text"),
        ("Card", card, "$grid-text" if case.card == "ok" else "$warning"),
    ]


def _at(instant: int, zone: str, now: int) -> str:
    return moments.show_day(moments.local_date(instant, zone)) + (
        "" if moments.local_date(instant, zone).year == moments.local_date(now, zone).year
        else f" {moments.local_date(instant, zone).year}"
    )  # fmt: skip


def session_words(view: AppointmentView, zone: str, now: int) -> tuple[str, str, str, str]:
    """Return when a session is, its sign and word, its fee, and where the money stands."""
    facts = facts_of(view, zone, now, blur=False)
    status = facts.status
    word = "" if status is None else f"{status.glyph} {status.word}"
    if view.cancelled_at is not None:
        by = "them" if view.state == State.CANCELLED_BY_CLIENT else "you"
        word = f"{word} by {by}"
    fee, *more = facts.money
    return shown_when(view.start, view.end, zone, now), word, fee, more[0] if more else ""


def invitation_words(one: Invited, zone: str, now: int) -> tuple[str, str]:
    """Return when an invitation was made, and what became of it."""
    ended = moments.show(one.ended_at, zone, reference=now)
    made = moments.show(one.created_at, zone, reference=now)
    fate = f"waits until {ended}" if one.fate == "waiting" else f"{FATES[one.fate]} {ended}"
    return made, fate


def done_words(done: messages.Done, desk: Desk) -> str:
    """Say what was done, in one sentence."""
    from helpspace.tui.money.missed import missed_words  # noqa: PLC0415 - each when it was done
    from helpspace.tui.money.waiving import waived_words  # noqa: PLC0415 - when first wanted

    zone, now = desk.zone, desk.now()
    match done:
        case messages.FollowUpBooked(session=session):
            return booked_words(session, desk.name(session.other_name), zone, now)
        case messages.AppointmentCancelled(session=session, found=found):
            return cancelled_words(session, found, zone, now)
        case messages.SeriesCancelled(endings=endings):
            return series_cancelled_words(endings, zone, now)
        case messages.AppointmentMoved(session=session, plan=plan):
            return f"Moved to {shown_when(session.start, session.end, zone, now)}: {plan.words}."
        case messages.FeeWaived():
            return waived_words(done, desk)
        case messages.MarkedMissed():
            return missed_words(done, desk)
        case messages.MoveRefused(request=request):
            return refused_words(request, desk)
        case messages.InvitationTakenBack():
            return "Taken back: its link no longer works."
    return "Done."
