"""The client's own things: how they are told, what is held, leaving, and writing to the team."""

from __future__ import annotations

from collections.abc import Sequence

from helpspace.bot.screens.base import HOME, Row, Screen, back, button, lines, paragraphs, prose
from helpspace.core import moments
from helpspace.core.invitations import Inviter
from helpspace.core.moments import pounds
from helpspace.core.preferences import Partner, Preferences
from helpspace.core.privacy.erasing import Ending, ErasePlan
from helpspace.core.tickets import TicketView

ZONES = (
    "Europe/London", "Europe/Dublin", "Europe/Lisbon", "Europe/Paris", "Europe/Berlin",
    "Europe/Warsaw", "Europe/Athens", "Africa/Lagos", "Asia/Dubai", "Asia/Kolkata",
    "Asia/Singapore", "Asia/Tokyo", "Australia/Sydney", "Pacific/Auckland", "America/New_York",
    "America/Chicago", "America/Los_Angeles", "UTC",
)  # fmt: skip
"""The zones to choose from; their number in this list is what a button carries."""

ON_A_PAGE = 6

MOST_SHOWN = 12
"""Appointments and people that one screen lists; the rest is counted."""

WAYS = ("Chat and e-mail", "E-mail only", "Chat only")

LONGEST_SHOWN = 900
"""Characters of a letter or an answer on one screen."""


def me(found: Preferences) -> Screen:
    """Return what a client has chosen, and the ways to change it."""
    confirmed = "confirmed" if found.email_confirmed else "not confirmed yet"
    facts = lines(
        f"Name: {found.name}" if found.name else "",
        f"E-mail: {found.email} ({confirmed})" if found.email else "E-mail: none",
        f"Times: {moments.zone_word(found.zone)}",
        f"Notices: {WAYS[way_of(found)].lower()}",
        f"Messages here: {'without names' if found.discreet else 'with names'}",
    )
    wording = "Show names in messages" if found.discreet else "Leave names out of messages"
    rows: tuple[Row, ...] = (
        (button("Time zone", "zone", 0), button("My e-mail", "address")),
        tuple(
            button(f"✓ {label}" if at == way_of(found) else label, "told", at)
            for at, label in enumerate(WAYS)
        ),
        (button(wording, "discreet", 0 if found.discreet else 1),),
        (button("Who may book for me", "partners"),),
        (button("Write to the team", "write", "q"), button("Complain", "write", "c")),
        (button("My messages to the team", "tickets"),),
        (button("My data", "mydata"), button("Forget me", "forget")),
    )
    return Screen("Me", facts, (*rows, back("home")))


def way_of(found: Preferences) -> int:
    """Return which of the ways is chosen."""
    if found.by_email and found.by_chat:
        return 0
    return 1 if found.by_email else 2


def zones(page: int, zone: str) -> Screen:
    """Return a page of the zones to choose from."""
    shown = range(page * ON_A_PAGE, min((page + 1) * ON_A_PAGE, len(ZONES)))
    rows: list[Row] = []
    for at in shown:
        label = ZONES[at].rpartition("/")[2].replace("_", " ")
        rows.append((button(f"✓ {label}" if ZONES[at] == zone else label, "zoned", at),))
    turning: list[Row] = []
    if page:
        turning.append((button("‹ Previous", "zone", page - 1),))
    if shown.stop < len(ZONES):
        turning.append((button("Next ›", "zone", page + 1),))
    body = f"Times are shown in {moments.zone_word(zone)}. Which is yours?"
    return Screen("Time zone", body, (*rows, *turning, back("me")))


def address(found: Preferences) -> Screen:
    """Ask for another e-mail address; it has to be confirmed before names go there (N1)."""
    again = (
        "" if found.email_confirmed else ", not confirmed yet: write it once more to get a new link"
    )
    now = f"It is {found.email} now{again}." if found.email else ""
    body = paragraphs(
        now,
        "Write your e-mail address. A link comes there to confirm it; until then messages to it"
        " have no names in them.",
    )
    return Screen("E-mail", body, (back("me"),))


ADDRESS_TAKEN = "The address is noted. Please open the link that comes there, on this phone."


def forget(plan: ErasePlan, mark: str, zone: str, now: int) -> Screen:
    """Say what forgetting means before it happens; the button carries exactly that (K4)."""
    shown = plan.cancels[:MOST_SHOWN]
    listed = [_ending(one, zone, now) for one in shown]
    if len(plan.cancels) > len(shown):
        listed.append(f"… and {len(plan.cancels) - len(shown)} more")
    body = paragraphs(
        lines("These sessions are cancelled:", *listed) if listed else "No session is ahead.",
        "A session that has begun stays, with its fee." if plan.running else "",
        "The time that is held for you is let go." if plan.holds else "",
        "Nothing more can be booked for you." if plan.therapists else "",
        "Your name, addresses, messages and wishes go as soon as no money is open, at the latest in"
        " 30 days. What was paid is kept for the tax law, without your name. Messages that are in"
        " this chat already you can delete yourself.",
        "This cannot be undone. You may want your data first.",
    )
    cost = f"pay {pounds(plan.owed_pence)}" if plan.owed_pence else "free"
    rows: tuple[Row, ...] = (
        (button(f"Yes, forget me · {cost}", "forgotten", mark, danger=True),),
        (button("My data first", "mydata"),),
        back("me"),
    )
    return Screen("Forget me?", body, rows)


def _ending(one: Ending, zone: str, now: int) -> str:
    at = moments.show(one.start, zone, reference=now)
    if one.owed_pence:
        return f"{at}: the fee of {pounds(one.owed_pence)} is due"
    back_ = f": {pounds(one.refund_pence)} goes back to you" if one.refund_pence else ": free"
    return f"{at}{back_}"


def forgotten(plan: ErasePlan) -> Screen:
    """Return the last screen of somebody who leaves."""
    owed = f"{pounds(plan.owed_pence)} is still taken from your card." if plan.owed_pence else ""
    body = paragraphs(
        "Everything that was ahead has ended. What is held about you goes as soon as no money is"
        " open, at the latest in 30 days.",
        owed,
        "You can begin anew at any time. If you need help now: 999, NHS 111, Samaritans 116 123.",
    )
    return Screen("Goodbye", body, ((HOME,),))


SENT_DATA = "Here is everything that is held about you, as a page to read and as a file."

_ASKED = {
    "q": (
        "Write to the team",
        "Write your question about bookings, payments or this chat as one message.",
    ),
    "c": (
        "Complain",
        (
            "Write what went wrong as one message. You get an answer within 30 days. You can also"
            " complain to the ICO (ico.org.uk, 0303 123 1113)."
        ),
    ),
}


def write(kind: str) -> Screen:
    """Ask for a letter to the team; it is the only free text that the chat asks for (K3a)."""
    title, words = _ASKED[kind]
    body = paragraphs(
        words,
        "Please leave out why you come here. The team reads it, not your counsellor, and not at"
        " once: if you need help now, call 999, NHS 111 or Samaritans 116 123.",
    )
    return Screen(title, body, (back("me"),))


def written(ticket: TicketView, zone: str, now: int) -> Screen:
    """Return that a letter has arrived, and by when it is answered."""
    by = moments.show(ticket.answer_by, zone, reference=now)
    body = f"Your message has reached the team. You get an answer by {by} at the latest."
    rows = ((button("My messages to the team", "tickets"),), back("me"))
    return Screen("Thank you", body, rows)


def tickets(found: Sequence[TicketView], zone: str, now: int) -> Screen:
    """Return a client's letters to the team, the newest first."""
    rows: list[Row] = []
    for one in found[:ON_A_PAGE]:
        at = moments.show(one.created_at, zone, reference=now)
        state = "answered" if one.state == "answered" else "waiting"
        rows.append((button(f"{at} · {state}", "ticket", one.id),))
    body = "Choose one to read it." if rows else "You have not written to the team."
    return Screen("My messages to the team", body, (*rows, back("me")))


def ticket(one: TicketView, zone: str, now: int) -> Screen:
    """Return one letter with its answer."""
    by = moments.show(one.answer_by, zone, reference=now)
    answer = f"Answer:\n{one.answer[:LONGEST_SHOWN]}" if one.answer else f"An answer comes by {by}."
    body = paragraphs(f"You wrote:\n{one.text[:LONGEST_SHOWN]}", answer)
    what = "complaint" if one.kind == "complaint" else "message"
    at = moments.show(one.created_at, zone, reference=now)
    return Screen(f"Your {what} of {at}", body, (back("tickets"),))


def partners(found: Sequence[Partner]) -> Screen:
    """Return who may book sessions for the client (B2)."""
    rows: list[Row] = [
        (button(f"End with {one.name}", "part", one.therapist_id),) for one in found[:MOST_SHOWN]
    ]
    body = prose("""
    These counsellors may book sessions for you. You can end that at any time; sessions that are
    booked stay until you cancel them.
    """)
    return Screen("Who may book for me", body if rows else "Nobody may.", (*rows, back("me")))


def part(one: Partner) -> Screen:
    """Ask before the work with somebody ends (B2)."""
    body = (
        f"Then {one.name} can book nothing new for you. Sessions that are booked already stay; you"
        " can cancel each of them under My sessions. Nobody is sent a message about this."
    )
    yes = button(f"Yes, end with {one.name}", "parted", one.therapist_id, danger=True)
    return Screen("End the work together?", body, ((yes,), back("partners")))


def invitation(one: Inviter, token: str) -> Screen:
    """Ask whether an invitation is accepted, with what that means (B2, B4)."""
    body = paragraphs(
        f"{one.name} invites you to work together here.",
        f"If you accept, {one.name} may book sessions for you and sees your name and e-mail"
        " address. Each session says what it costs and until when you can cancel it free of"
        " charge: until 48 hours before the start or, if it is booked later than that, for 2 hours"
        " after the booking. After that the full fee is due. You can end this at any time, under"
        " Me.",
        "By accepting you agree to these terms, and wish to start within 14 days.",
    )
    rows = ((button("Accept", "joined", token),), (HOME,))
    return Screen("An invitation", body, rows)


def name_for(token: str) -> Screen:
    """Ask for the name that goes with accepting."""
    del token
    return Screen("Your name", "What should your counsellor call you? Write a name.", ((HOME,),))


def joined(one: Inviter, *, has_email: bool) -> Screen:
    """Return that an invitation is accepted."""
    lacks = "" if has_email else "Please add your e-mail address, so that you also get the details."
    body = paragraphs(f"{one.name} may book sessions for you now.", lacks)
    rows = () if has_email else ((button("Add my e-mail address", "address"),),)
    return Screen("Accepted", body, (*rows, (button("Me", "me"), HOME)))
