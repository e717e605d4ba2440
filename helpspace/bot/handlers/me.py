"""The client's own things: settings, their data, leaving, letters to the team, invitations."""

from __future__ import annotations

from dataclasses import replace

from helpspace.bot.codec import data
from helpspace.bot.screens import me as screens
from helpspace.bot.visit import Document, Reply, Visit
from helpspace.core import accounts, booking, invitations, preferences, tickets
from helpspace.core.errors import Changed, Invalid, NotFound
from helpspace.core.preferences import Partner
from helpspace.core.privacy import erasing, papers, record


def me(visit: Visit) -> Reply:
    """Show what the client has chosen."""
    found = preferences.preferences(visit.practice, visit.me)
    return Reply(screens.me(found), data("me"))


def zone(visit: Visit, page: str) -> Reply:
    """Show zones to choose from."""
    last = (len(screens.ZONES) - 1) // screens.ON_A_PAGE
    at = min(int(page), last)
    return Reply(screens.zones(at, visit.zone()), data("zone", at))


def zoned(visit: Visit, number: str) -> Reply:
    """Take a zone that was chosen; times and reminders follow it (N2)."""
    if int(number) >= len(screens.ZONES):
        return zone(visit, "0")
    accounts.set_zone(visit.practice, visit.me, screens.ZONES[int(number)])
    return me(visit)


def told(visit: Visit, way: str) -> Reply:
    """Take the ways by which notices come (K3a)."""
    preferences.set_channels(
        visit.practice, visit.me, by_email=way in ("0", "1"), by_chat=way in ("0", "2")
    )
    return me(visit)


def discreet(visit: Visit, on: str) -> Reply:
    """Take whether messages name nobody (N6)."""
    preferences.set_discreet(visit.practice, visit.me, discreet=on == "1")
    return me(visit)


def address(visit: Visit) -> Reply:
    """Ask for an e-mail address."""
    found = preferences.preferences(visit.practice, visit.me)
    return Reply(screens.address(found), data("address"))


def take_address(visit: Visit, text: str) -> Reply:
    """Take the address that was written; a link goes there to confirm it (N1)."""
    try:
        preferences.change_email(visit.practice, visit.me, text)
    except Invalid as refusal:
        return address(visit).noting(f"{refusal.title}. {refusal.hint}")
    return replace(me(visit).noting(screens.ADDRESS_TAKEN), nudge="delivery")


def mydata(visit: Visit) -> Reply:
    """Send everything that is held, as a page and as a file, under neutral names (K4, N6)."""
    held = record.export(visit.practice, visit.me)
    page = Document(papers.PAGE_NAME, papers.as_page(held), "")
    file = Document(papers.JSON_NAME, papers.as_json(held), "")
    return replace(me(visit).noting(screens.SENT_DATA), document=page, also=(file,))


def forget(visit: Visit) -> Reply:
    """Show what forgetting the client would mean at this moment (K4)."""
    plan = erasing.plan_erase(visit.practice, visit.me, at=visit.at)
    mark = erasing.mark_of(visit.practice, plan)
    screen = screens.forget(plan, mark, visit.zone(), visit.now())
    return Reply(screen, data("forget"))


def forgotten(visit: Visit, mark: str) -> Reply:
    """Forget the client exactly as was shown; from here on the chat knows nobody (K4, M2a)."""
    try:
        plan = erasing.erase(visit.practice, visit.me, shown=mark, at=visit.at)
    except Changed as refusal:
        return forget(visit).noting(f"{refusal.title}. Nothing was done.")
    return Reply(screens.forgotten(plan), nudge="erasures", leaves=True)


def write(_visit: Visit, kind: str) -> Reply:
    """Ask for a letter to the team."""
    return Reply(screens.write(kind), data("write", kind))


def take_letter(visit: Visit, text: str, kind: str) -> Reply:
    """Send the team what was written."""
    try:
        made = tickets.write(
            visit.practice, visit.me, "complaint" if kind == "c" else "question", text
        )
    except Invalid as refusal:
        return me(visit).noting(f"{refusal.title}. {refusal.hint}")
    return Reply(screens.written(made, visit.zone(), visit.now()), data("me"))


def letters(visit: Visit) -> Reply:
    """Show what the client has written to the team."""
    found = tickets.tickets(visit.practice, visit.me)
    return Reply(screens.tickets(found, visit.zone(), visit.now()), data("tickets"))


def letter(visit: Visit, ticket_id: str) -> Reply:
    """Show one letter with its answer."""
    found = tickets.ticket(visit.practice, visit.me, ticket_id)
    return Reply(screens.ticket(found, visit.zone(), visit.now()), data("ticket", ticket_id))


def partners(visit: Visit) -> Reply:
    """Show who may book for the client (B2)."""
    found = preferences.partners(visit.practice, visit.me)
    return Reply(screens.partners(found), data("partners"))


def part(visit: Visit, therapist_id: str) -> Reply:
    """Ask before the work with a therapist ends."""
    return Reply(screens.part(_partner(visit, therapist_id)), data("partners"))


def parted(visit: Visit, therapist_id: str) -> Reply:
    """End the work with a therapist: nothing new can be booked (B2)."""
    one = _partner(visit, therapist_id)
    booking.end_relationship(visit.practice, visit.me, therapist_id)
    return partners(visit).noting(f"{one.name} can book nothing new for you.")


def _partner(visit: Visit, therapist_id: str) -> Partner:
    """Return one of the client's own therapists; others are like none (A1)."""
    for one in preferences.partners(visit.practice, visit.me):
        if one.therapist_id == therapist_id:
            return one
    raise NotFound


def invited(visit: Visit, token: str) -> Reply:
    """Show an invitation; whoever has no name yet is asked for it first."""
    found = invitations.inviter(visit.practice, visit.me, token)
    if not preferences.preferences(visit.practice, visit.me).name:
        return called(visit, token)
    return Reply(screens.invitation(found, token), data("invited", token))


def called(_visit: Visit, token: str) -> Reply:
    """Ask for a name on the way to accepting."""
    return Reply(screens.name_for(token), data("called", token))


def take_name(visit: Visit, text: str, token: str) -> Reply:
    """Take the name that was written and show the invitation again."""
    try:
        accounts.set_name(visit.practice, visit.me, text)
    except Invalid as refusal:
        return called(visit, token).noting(f"{refusal.title}. {refusal.hint}")
    return invited(visit, token)


def joined(visit: Visit, token: str) -> Reply:
    """Accept an invitation, once (B2, B4)."""
    if not preferences.preferences(visit.practice, visit.me).name:
        return invited(visit, token)
    found = invitations.accept(visit.practice, visit.me, token)
    has_email = bool(preferences.preferences(visit.practice, visit.me).email)
    return Reply(screens.joined(found, has_email=has_email), data("me"))
