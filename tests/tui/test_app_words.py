"""What the terminal says about sessions, slots and their money."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from helpspace.core.appointments import AppointmentView
from helpspace.core.calendar import Entry
from helpspace.core.moments import DAY, HOUR, LONDON
from helpspace.core.policy import Consequence, Party
from helpspace.core.profiles import TherapistView
from helpspace.tui.blocks import block_of
from helpspace.tui.layout import Status
from helpspace.tui.words import (
    ahead,
    cancel_words,
    client_cancel_words,
    money_words,
    server_of,
    session_facts,
    shown_there,
    shown_week,
    slot_facts,
)

NOW = 1_772_442_000
"""Monday 2 March 2026, 09:00."""


def view(**changes: Any) -> AppointmentView:
    start = NOW + 4 * DAY
    whole = AppointmentView(
        id="a", therapist_id="t", client_id="c", slot_id=None, kind="follow_up", start=start,
        end=start + 3000, minutes=50, fee_pence=6000, owed_pence=0, paid_pence=0, state="booked",
        free_until=start - 2 * DAY, booked_at=NOW, cancelled_at=None,
        video_url="https://video.example.org/x", payment="scheduled", payment_reason=None,
        card="ok", other_name="Sam", other_contact="sam@example.org", sequence=0,
    )  # fmt: skip
    return whole._replace(**changes)


def entry(**changes: Any) -> Entry:
    start = NOW + 4 * DAY
    whole = Entry(
        id="a", slot_id=None, kind="follow_up", start=start, end=start + 3000, state="booked",
        client_id="c", client_name="Sam", fee_pence=6000, payment="scheduled",
        client_zone=LONDON, card="ok",
    )  # fmt: skip
    return whole._replace(**changes)


def test_money_to_come_says_until_when_and_when() -> None:
    assert money_words(view(), LONDON, NOW) == (
        "£60",
        "Free to cancel until Wed 4 Mar 09:00",
        "Charged Wed 4 Mar 09:01",
    )


@pytest.mark.parametrize(
    ("changes", "first", "more"),
    [
        ({"fee_pence": 0, "payment": "none"}, "Free of charge", ""),
        ({"payment": "due"}, "£60", "Due now"),
        ({"payment": "processing"}, "£60", "Being charged"),
        ({"payment": "paid"}, "£60 paid", ""),
        ({"payment": "failed", "payment_reason": "insufficient_funds"}, "£60 not paid", "money"),
        ({"payment": "needs_approval"}, "£60 not paid", "approval"),
        ({"payment": "refunding"}, "£60 is being given back", ""),
        ({"payment": "refunded"}, "£60 was given back", ""),
        ({"payment": "waived"}, "£60 waived", ""),
        ({"payment": "disputed"}, "£60 disputed", "bank"),
        ({"payment": "none", "state": "cancelled_by_client"}, "£60", "Nothing was charged"),
        ({"booked_at": NOW + 3 * DAY, "free_until": NOW + 3 * DAY}, "£60", "No free cancellation"),
    ],
)
def test_money_in_every_state(changes: dict[str, Any], first: str, more: str) -> None:
    words = money_words(view(**changes), LONDON, NOW)
    assert words[0] == first
    assert more in " ".join(words[1:])


def test_cancelling_says_what_either_way_means() -> None:
    def found(paid: int) -> Consequence:
        return Consequence(Party.THERAPIST, True, True, 6000, paid, 0)

    assert cancel_words(found(0)) == "the client pays nothing"
    assert cancel_words(found(6000)) == "the client gets £60 back, in full"
    late = NOW + 3 * DAY
    assert client_cancel_words(view(), NOW) == "they pay nothing either"
    assert client_cancel_words(view(), late) == "it is late: the fee of £60 is charged"
    assert "stays paid" in client_cancel_words(view(paid_pence=6000), late)
    assert "£60 back as well" in client_cancel_words(view(paid_pence=6000), NOW)
    assert client_cancel_words(view(fee_pence=0), NOW) == "no money moves either"


@pytest.mark.parametrize(
    ("changes", "status", "detail"),
    [
        ({}, Status.BOOKED, "£60"),
        ({"card": "missing"}, Status.BOOKED, "£60 no card"),
        ({"card": "missing", "fee_pence": 0, "payment": "none"}, Status.BOOKED, "free"),
        ({"payment": "paid"}, Status.BOOKED, "£60 paid"),
        ({"payment": "failed"}, Status.UNPAID, "£60 not paid"),
        ({"payment": "needs_approval"}, Status.UNPAID, "£60 bank asks client"),
        ({"state": "completed", "payment": "paid"}, Status.COMPLETED, "£60 paid"),
        ({"state": "completed", "payment": "failed"}, Status.UNPAID, "£60 not paid"),
        ({"state": "no_show", "payment": "paid"}, Status.NO_SHOW, "£60 paid"),
        ({"kind": "slot", "state": "open"}, Status.OPEN, "£45"),
        ({"kind": "slot", "state": "held"}, Status.HELD, "being booked"),
    ],
)
def test_blocks(changes: dict[str, Any], status: Status, detail: str) -> None:
    block = block_of(entry(**changes), 4500)
    assert (block.status, block.detail) == (status, detail)


def test_the_clients_time_stands_beside_ours_where_it_differs() -> None:
    start = NOW + 4 * DAY
    assert shown_there(start, LONDON, "America/New_York") == "04:00 New York time"
    assert shown_there(start, LONDON, "Asia/Kolkata") == "14:30 Kolkata time"
    assert shown_there(start, LONDON, "Pacific/Auckland") == "22:00 Auckland time"
    assert shown_there(start + 4 * HOUR, LONDON, "Pacific/Auckland") == (
        "Sat 7 Mar 02:00 Auckland time"
    )
    assert shown_there(start, LONDON, "Europe/Lisbon") == ""
    assert shown_there(start, LONDON, LONDON) == ""


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (20 * 60, "in 20 min"),
        (3 * HOUR, "in 3 h"),
        (DAY, "tomorrow"),
        (4 * DAY, "in 4 days"),
        (-HOUR, "10 min ago"),
        (-DAY, "yesterday"),
        (-600, "now"),
        (-5 * DAY, "5 days ago"),
    ],
)
def test_how_far_away(seconds: int, words: str) -> None:
    assert ahead(NOW + seconds, NOW + seconds + 3000, LONDON, NOW) == words


@pytest.mark.parametrize(
    ("first", "words"),
    [
        (date(2026, 3, 2), "2–8 March 2026"),
        (date(2026, 3, 30), "30 March – 5 April 2026"),
        (date(2025, 12, 29), "29 December 2025 – 4 January 2026"),
    ],
)
def test_weeks(first: date, words: str) -> None:
    assert shown_week(first) == words


def test_names_are_dots_when_the_screen_is_shared() -> None:
    facts = session_facts(view(other_name="Zoë O'Brien"), entry(), LONDON, NOW, blur=True)
    assert facts.title == "••• •••••••"
    assert (facts.contact, facts.video) == ("", "")


@pytest.mark.parametrize(
    ("link", "server"),
    [
        ("https://video.example.org/a1b2c3", "video.example.org"),
        ("https://meet.example.org:8443/helpspace/a1b2c3", "meet.example.org:8443"),
        ("", ""),
    ],
)
def test_a_room_is_named_by_its_server(link: str, server: str) -> None:
    assert server_of(link) == server


def test_a_missing_card_is_said_while_it_matters() -> None:
    def warned(**changes: Any) -> str:
        return session_facts(
            view(card="missing", **changes), entry(), LONDON, NOW, blur=False
        ).warning

    assert "No card on record" in warned()
    assert warned(payment="paid") == ""
    assert warned(fee_pence=0, payment="none") == ""


def test_a_slot_says_whether_clients_can_book_it() -> None:
    therapist = TherapistView(
        id="t", name="Z", email="", contact="", handle="z", zone=LONDON, status="approved",
        notice_s=DAY, initial_fee_pence=4500, initial_minutes=50, follow_up_fee_pence=6000,
        follow_up_minutes=50, reopens=True, visible=True, why_hidden=(), payments_enabled=True,
        open_slots=1, created_at=0,
    )  # fmt: skip
    slot = entry(kind="slot", state="open", client_id=None, client_name="")
    assert slot_facts(slot, therapist, NOW).state == "Clients can book it until Thu 5 Mar 09:00"
    soon = slot_facts(slot, therapist, slot.start - HOUR)
    assert soon.warning == "Inside your notice of 24 h: clients cannot book it."
    none = slot_facts(slot, therapist._replace(notice_s=None), NOW)
    assert "no minimum notice" in none.warning
    held = slot_facts(slot._replace(state="held"), therapist, NOW)
    assert "card" in held.state
    assert slot_facts(slot, therapist, slot.end).state == "Nobody booked it"
