"""What an opened session says of its life, its money and a first meeting. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import NamedTuple

from helpspace.core import moments, policy
from helpspace.core.appointments import AppointmentView
from helpspace.core.booking import MoveRequestView
from helpspace.core.calendar import Entry
from helpspace.core.moments import HOUR, pounds
from helpspace.core.payments.explain import RULES, Story
from helpspace.core.policy import Kind, State
from helpspace.core.timeline import Happening
from helpspace.tui.fact_lines import wrapped
from helpspace.tui.words import Facts, session_facts, shown_there

_NAMED = re.compile(r"\(rules? ([^)]*)\)")

_SAID = {
    "opened": "You opened the slot",
    "booked": "{who} booked it",
    "free_until": "Free to cancel until here",
    "cancelled": "{who} cancelled it",
    "no_show": "{who} marked that the client did not come",
    "absence_reported": "{who} reported that you did not come",
    "absence_answered": "{who} answered that report",
    "declined": "The card was declined",
    "approval_asked": "The bank asked for the client's approval",
    "account_refused": "Your account could not take the fee",
    "unanswered": "Stripe gave no answer to a charge",
    "paid": "{fee} was charged",
    "waived": "{who} waived the fee",
    "refund_asked": "{fee} is to be given back",
    "refunded": "{fee} was given back",
    "refund_failed": "Giving back {fee} failed",
    "disputed": "The client's bank took {fee} back",
    "dispute_won": "The bank returned {fee}",
    "move_asked": "{who} asked for another time",
    "move_refused": "{who} said that it stays",
    "reminded": "{party} got the reminder",
    "not_reminded": "The reminder did not reach {to}",
    "reminder": "{party} will be reminded",
    "session": "The session",
    "charge": "{fee} will be charged",
}
_WHO = {"therapist": "You", "client": "The client", "team": "The team", "system": "Helpspace"}
_FOR = {"therapist": "The team, for you,", "client": "The team, for the client,"}
_PARTY = {"therapist": ("You", "you"), "client": ("The client", "the client")}


_CANCELLING = (
    "They cancel in the chat or by the link in their e-mail, which says first what it costs. "
    "If they ask you, let them do it themselves: it makes a difference to the money."
)
_EMERGENCY = (
    "You are not there between sessions in an emergency: 999, NHS 111, Samaritans 116 123, "
    "Shout 85258."
)


class Line(NamedTuple):
    """One line of the timeline: when, what, and whether it is still to come."""

    when: str
    what: str
    later: bool


def happening_words(one: Happening, zone: str, now: int) -> str:
    """Say what happened, by whom; never why the team acted."""
    if one.what == "moved":
        return _moved(one, zone, now)
    who = _WHO.get(one.by or "", "Somebody")
    if one.for_them:
        who = _FOR.get(one.by or "", who)
    party, to = _PARTY.get(one.party or "", ("Somebody", "somebody"))
    fee = pounds(one.amount_pence or 0)
    said = _SAID[one.what].format(who=who, fee=fee, party=party, to=to)
    return f"{said} ({one.reason})" if one.reason else said


def _moved(one: Happening, zone: str, now: int) -> str:
    who = _FOR["therapist"] if one.for_them else "You"
    asked = " at the client's request" if one.party == "client" else ""
    if one.start is None or one.was is None:
        return f"{who} moved it{asked}"
    was, start = (moments.show(at, zone, reference=now) for at in (one.was, one.start))
    return f"{who} moved it{asked}: {was} became {start}"


def life_lines(life: Sequence[Happening], zone: str, now: int) -> list[Line]:
    """Return a session's life line by line, in its order."""
    return [
        Line(
            moments.show(one.at, zone, reference=now), happening_words(one, zone, now), one.at > now
        )
        for one in life
    ]


def money_lines(story: Story, *, blur: bool) -> list[str]:
    """Return the money's story and, shortly, the rules that it names; the first line has a name."""
    said = {rule for line in story.lines for group in _NAMED.findall(line)
            for rule in group.split(", ")}  # fmt: skip
    lines = story.lines[1:] if blur else story.lines
    return [*lines, *(f"{rule}: {words}." for rule, words in RULES.items() if rule in said)]


def first_session_lines(view: AppointmentView, zone: str, now: int, support: str) -> list[str]:
    """Return what to tell a new client, with this session's own moments and money (M1, B2, K1)."""
    window = policy.DECISION_WINDOW // HOUR
    until = moments.show(view.free_until, zone, reference=now)
    free = f"Cancelling is free until {window} hours before the start; later the whole fee is due."
    if view.free_until > view.booked_at:
        free += f" For this session: {until}."
    else:
        free += " This one was booked later than that, and they were told."
    charged = "This session is free. The first follow-up asks for a card, charged by itself, too."
    if view.fee_pence:
        at = moments.show(policy.charge_from(view.terms), zone, reference=now)
        when = f" (this one {at})" if view.payment == "scheduled" else ""
        charged = f"The card is charged by itself after that{when}: nobody pays in the session."
    return [
        "You book all further sessions; they need not look for times and get an e-mail of each.",
        free,
        charged,
        _CANCELLING,
        f"Questions about money or the chat go to support: {support or 'Help in the chat'}.",
        _EMERGENCY,
    ]


def request_words(request: MoveRequestView | None, zone: str, now: int) -> str:
    """Say that the client asked for another time, and what answers it (B2); for `Keys.say`."""
    if request is None or request.state != "asked":
        return ""
    at = moments.show(request.asked_at, zone, reference=now)
    moving, staying = "{opened.move} moves it", "{opened.refuse_move} says that it stays"
    return f"They asked on {at} for another time: {moving}, {staying}."


def facts_of(view: AppointmentView, zone: str, now: int, *, blur: bool) -> Facts:
    """Return all facts about a session, cancelled ones too."""
    facts = session_facts(view, entry_of(view) if view.live else None, zone, now, blur=blur)
    return facts._replace(
        there=shown_there(view.start, zone, view.other_zone), state=_ended(view, zone, now)
    )


def _ended(view: AppointmentView, zone: str, now: int) -> str:
    if view.cancelled_at is None:
        return ""
    who = "the client" if view.state == State.CANCELLED_BY_CLIENT else "you"
    return f"Cancelled by {who} on {moments.show(view.cancelled_at, zone, reference=now)}"


def entry_of(view: AppointmentView) -> Entry:
    """Return a session as the calendar has it."""
    return Entry(
        id=view.id,
        slot_id=view.slot_id,
        kind=view.kind,
        start=view.start,
        end=view.end,
        state=view.state,
        client_id=view.client_id,
        client_name=view.other_name,
        fee_pence=view.fee_pence,
        payment=view.payment,
        client_zone=view.other_zone,
        card=view.card,
    )


def is_first(view: AppointmentView) -> bool:
    """Say whether it is the first session with somebody."""
    return view.kind == Kind.INITIAL


def hanging(sign: str, text: str, width: int) -> list[str]:
    """Break a text into lines of a width, all beside its sign."""
    return [
        f"{sign if number == 0 else ' ' * len(sign)}{line}"
        for number, line in enumerate(wrapped(text, width - len(sign)))
    ]


def listed(texts: Sequence[str], width: int, sign: str, *, airy: bool = False) -> list[str]:
    """Return texts as a list; an airy one has an empty line between two of them."""
    found: list[str] = []
    for text in texts:
        found += [*([""] if found and airy else []), *hanging(sign, text, width)]
    return found
