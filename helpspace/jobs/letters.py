"""From what may be told to a mail: subject, text, HTML and calendar file (N1–N6).

The words are in `templates/mail`, one file for each event and party with the blocks subject,
opening and closing; two frames, text and HTML, put the same content around them. The opening comes
first and is neutral: it holds the first 120 characters, before any name or link (N6).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from helpspace.core import moments
from helpspace.core.appointments import AppointmentView
from helpspace.core.joining.tidings import Tiding
from helpspace.core.letters import Told
from helpspace.core.moments import DAY, pounds
from helpspace.core.notices import Event
from helpspace.core.payments.case import LAST_WORD
from helpspace.core.payments.tries import NOT_APPROVED
from helpspace.core.platform import TEST_MODE
from helpspace.core.policy import Kind, Party
from helpspace.core.reports import Report
from helpspace.jobs import calendar_file
from helpspace.jobs.report import counted

TEMPLATES = Path(__file__).resolve().parent.parent / "templates" / "mail"

WITH_TERMS = frozenset({Event.BOOKED, Event.REMINDER, Event.MOVED})
"""Events whose mail carries the whole appointment: terms, link, contact and how to cancel."""

URGENT = "If you need urgent help, at any hour: 999 in an emergency, NHS 111, Samaritans 116 123."


@dataclass(frozen=True, slots=True)
class Letter:
    """A mail to one person; `ics` is the calendar file with its method, where there is one."""

    to: str
    subject: str
    text: str
    html: str
    ics: bytes | None = None
    method: str = ""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the details, perhaps with more lines below it."""

    label: str
    value: str
    more: tuple[str, ...] = ()
    link: bool = False


@dataclass(frozen=True, slots=True)
class Action:
    """The one thing to do, as a link."""

    label: str
    url: str


@lru_cache(maxsize=1)
def _templates() -> Environment:
    return Environment(
        loader=FileSystemLoader(TEMPLATES),
        autoescape=select_autoescape(enabled_extensions=("html",), default=False),
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )


def letter(told: Told) -> Letter:
    """Return the mail of a notice."""
    action = _action(told)
    words = {**_words(told), "linked": action is not None}
    name = f"{told.event}_{told.party}" if told.full else _short_name(told)
    template = _templates().get_template(f"{name}.txt")

    def block(part: str) -> str:
        return "".join(template.blocks[part](template.new_context(words)))

    closing = [" ".join(part.split()) for part in block("closing").split("\n\n")]
    subject = " ".join(block("subject").split())
    content = {
        "subject": subject,
        "opening": " ".join(block("opening").split()),
        "mark": TEST_MODE if told.test else "",
        "rows": [*_rows(told), *_own_page(told)],
        "action": action,
        "closing": [paragraph for paragraph in closing if paragraph],
        "footer": _footer(told),
    }
    ics, method = calendar_file.make(told) if _has_calendar(told) else (None, "")
    return Letter(
        to=told.to,
        subject=subject,
        text=_templates().get_template("frame.txt").render(content),
        html=_templates().get_template("frame.html").render(content),
        ics=ics,
        method=method,
    )


def _short_name(told: Told) -> str:
    """Return the words for an address that is not confirmed: no names, no amounts (N1)."""
    return "confirm_email_client" if told.event is Event.CONFIRM_EMAIL else "unconfirmed_client"


def _has_calendar(told: Told) -> bool:
    """Say whether a calendar file goes along: with every time that is set or taken away."""
    if told.session is None:
        return False
    if told.event in WITH_TERMS:
        return told.session.live and not told.past
    return told.event is Event.CANCELLED


def moment(told: Told, instant: int) -> str:
    """Return a moment in the reader's zone: "Tue 3 Nov 10:00"."""
    return moments.show(instant, told.zone, reference=told.now)


def named(told: Told, instant: int) -> str:
    """Return a moment in the reader's zone with the zone's word: "Tue 3 Nov 10:00 (UK time)"."""
    return moments.show(instant, told.zone, reference=told.now, named=True)


def _words(told: Told) -> dict[str, Any]:
    """Return what the templates may use; every text in it is ours but the zone's own name."""
    words: dict[str, Any] = {
        "event": str(told.event),
        "today": told.today,
        "past": told.past,
        "overlaps": told.overlaps,
        "last_slot": told.last_slot,
        "last_word": told.last_word,
        "by_me": told.cancelled_by == told.party,
        "owed": told.owed,
        "owed_words": pounds(told.owed),
        "refund": told.refund,
        "refund_words": pounds(told.refund),
        "amount_words": pounds(told.amount),
        "reason": told.reason,
        "stopped": told.code == "charges_stopped",
        "retry": None if told.retry_at is None else named(told, told.retry_at),
        "old": None if told.old_start is None else moment(told, told.old_start),
        "zone_word": moments.zone_word(told.zone),
        "slot_free": told.slot_id is not None,
        "locked": told.locked,
        "at_my_wish": told.asked_by == told.party,
        "absent": told.absent,
        "agreed": told.agreed,
    }
    if told.tiding is not None:
        words |= _tiding_words(told, told.tiding)
    if told.report is not None:
        words |= _report_words(told, told.report)
    session = told.session
    if session is not None:
        words |= {
            "live": session.live,
            "initial": session.kind == Kind.INITIAL,
            "moment": moment(told, session.start),
            "when": named(told, session.start),
            "time": moments.show_time(session.start, told.zone),
            "free_until": named(told, session.free_until),
            "booked_late": session.free_until <= session.booked_at,
            "fee_words": pounds(session.fee_pence),
            "settle_by": _settle_by(told, session),
            "unapproved": told.code == NOT_APPROVED,
            "fee": session.fee_pence > 0,
            "paid": session.paid_pence > 0,
            "still_free": session.free_until >= told.now,
            "taken": session.taken,
            "video": session.video_url is not None,
            "card_missing": session.fee_pence > 0 and session.card != "ok",
        }
    return words


def _settle_by(told: Told, session: AppointmentView) -> str | None:
    """Return by when an unpaid fee should be paid: then the therapist is asked (M6)."""
    at = session.start - LAST_WORD
    return named(told, at) if session.live and told.now < at else None


PROOF_WORDS = {
    "insurance": "professional insurance",
    "registration": "registration",
    "picture": "profile picture",
    "proof": "insurance or registration",
}
"""What a proof, or the picture, is called in a mail."""


def _tiding_words(told: Told, tiding: Tiding) -> dict[str, Any]:
    """Return what the templates of joining may use besides."""
    left = 0 if tiding.until is None else max(0, -((told.now - tiding.until) // DAY))
    return {
        "asks": bool(tiding.asks),
        "lacks": bool(tiding.lacks),
        "withdrawn": tiding.withdrawn,
        "refused": tiding.refused,
        "proof": tiding.proof,
        "proof_words": PROOF_WORDS.get(tiding.proof, ""),
        "until_day": "" if tiding.until is None else _last_day(tiding.until),
        "left_words": f"for {counted(left, 'more day')}",
        "renewal_waits": tiding.waiting,
    }


def _last_day(until: int) -> str:
    """Return the last day of a proof, which is dated in London: "Wed 31 Mar 2027"."""
    day = moments.local_date(until - 1, moments.LONDON)
    return f"{moments.show_day(day)} {day.year}"


def _tiding_rows(told: Told, tiding: Tiding) -> list[Row]:
    """Return what came back, what Stripe asks, what is still to do: each by lines."""
    lists = (
        ("To mend", tiding.parts),
        ("They wrote", tiding.remark),
        ("Why", (tiding.why,) if tiding.why and not tiding.withdrawn else ()),
        ("Needed", tiding.asks),
        ("Missing", tiding.lacks),
    )
    rows = [Row(label, lines[0], tuple(lines[1:])) for label, lines in lists if lines]
    if tiding.due_at is not None and tiding.asks:
        rows.append(Row("By", named(told, tiding.due_at)))
    if tiding.link is not None:
        rows.append(Row("Page", tiding.link, link=True))
    return rows


def _report_words(told: Told, report: Report) -> dict[str, Any]:
    """Return what the templates of reports may use besides."""
    total = sum(one.fee_pence for one in report.charges)
    return {
        "stage": report.stage,
        "answer_by": None if report.due_by is None else named(told, report.due_by),
        "day": "" if report.day is None else moments.show_day(report.day),
        "payments": counted(len(report.charges), "payment"),
        "many": len(report.charges) != 1,
        "total": pounds(total),
    }


def _report_rows(told: Told, report: Report) -> list[Row]:
    """Return the lines of a report: facts with their labels, or fees with their moments."""
    rows = [Row(label, value) for label, value in report.lines]
    if report.due_by is not None:
        rows.append(Row("Answer by", named(told, report.due_by)))
    for one in report.charges:
        lines = [f"for the appointment on {moment(told, one.start)}"]
        if one.card != "ok":
            lines.append("no card that works then is on record: the other person is asked for one")
        rows.append(Row("Due", f"{moment(told, one.at)}, {pounds(one.fee_pence)}", tuple(lines)))
    return rows


def _rows(told: Told) -> list[Row]:
    """Return the details for this reader, by event."""
    session = told.session
    if told.tiding is not None:
        return _tiding_rows(told, told.tiding)
    if told.report is not None:
        return _report_rows(told, told.report)
    if session is None:
        answer = told.remark.splitlines()
        return [Row("Answer", answer[0], tuple(answer[1:]))] if answer else []
    if not told.full:
        short = [_when(told, session)]
        if told.event in WITH_TERMS and session.live and session.fee_pence:
            short.append(Row("Cancelling", _cancelling(told, session)))
        return short
    rows = [_when(told, session), Row("With", session.other_name or "—")]
    if told.remark:
        rows.append(Row("Why", told.remark))
    if told.event in WITH_TERMS and session.live:
        return rows + _terms(told, session)
    if told.amount:
        rows.append(Row("Amount", pounds(told.amount)))
        rows.append(Row("Reference", session.id))
    elif told.event is not Event.CANCELLED and session.fee_pence:
        rows.append(Row("Fee", pounds(session.fee_pence)))
    return rows


def _own_page(told: Told) -> list[Row]:
    """Return the address of the reader's own page of the appointment (K1a)."""
    page = told.links.page
    return [] if page is None else [Row("No chat?", page, ("see it there, or cancel it",), True)]


def _when(told: Told, session: AppointmentView) -> Row:
    """Return the time in the reader's zone, and in the other one where the clocks differ."""
    shown = f"{moment(told, session.start)}–{moments.show_time(session.end, told.zone)}"
    lines = [f"{session.minutes} minutes"]
    mine = moments.at_zone(session.start, told.zone).utcoffset()
    if told.full and mine != moments.at_zone(session.start, told.other_zone).utcoffset():
        theirs = moments.show(session.start, told.other_zone, reference=told.now, named=True)
        lines.insert(0, f"for them: {theirs}")
    return Row("When", f"{shown} ({moments.zone_word(told.zone)})", tuple(lines))


def _terms(told: Told, session: AppointmentView) -> list[Row]:
    """Return fee, free-to-cancel moment, video link and the other party's contact (N1)."""
    fee = f"{pounds(session.fee_pence)}{', paid' if session.paid_pence else ''}"
    rows = [Row("Fee", fee if session.fee_pence else "free of charge")]
    if session.fee_pence:
        rows.append(Row("Cancelling", _cancelling(told, session)))
    if session.video_url is not None:
        rows.append(Row("Video", session.video_url, link=True))
    if session.other_contact:
        rows.append(Row("Contact", session.other_contact))
    return rows


def _cancelling(told: Told, session: AppointmentView) -> str:
    """Return until when the client cancels free, in the words every button uses (M4)."""
    mine = told.party is Party.CLIENT
    if session.free_until <= session.booked_at:
        return "not free of charge, because it was booked less than 48 hours ahead"
    free = "free to cancel" if mine else "free for them to cancel"
    if session.free_until < told.now:
        return f"was {free} until {named(told, session.free_until)}; since then the fee is due"
    if session.taken:
        back = "what was paid goes back in full then, and stays paid after that"
        return f"{free} until {named(told, session.free_until)}; {back}"
    then = "the full fee is due" if mine else "the other person pays the full fee"
    return f"{free} until {named(told, session.free_until)}; after that {then}"


def _action(told: Told) -> Action | None:
    """Return the one thing the reader can do from this mail."""
    links = told.links
    if told.party is not Party.CLIENT:
        return None
    if not told.full:
        return None if links.confirm is None else Action("Confirm this address", links.confirm)
    if links.session is None and links.page is not None:
        return Action("Open the appointment", links.page)
    choices = {
        Event.CHARGE_FAILED: ("Pay or change the card", links.pay),
        Event.CARD_NEEDED: ("Put a card on record", links.card),
        Event.CARD_EXPIRING: ("Put a card on record", links.card),
        Event.APPROVAL_NEEDED: ("Approve the payment", links.pay),
        Event.CARD_SAVED: ("Open the chat", links.session),
        Event.TICKET_ANSWERED: ("Open the chat", links.session),
    }
    label, url = choices.get(told.event, ("Open the appointment", links.session))
    return None if url is None else Action(label, url)


def _footer(told: Told) -> list[str]:
    """Return the last lines: where to ask, and for clients where help is at any hour."""
    lines = []
    if told.support:
        lines.append(f"Questions? Write to {told.support}.")
    if told.party is Party.CLIENT and told.full:
        lines.append(URGENT)
    return lines
