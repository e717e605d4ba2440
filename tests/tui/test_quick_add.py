"""The line that books: what is understood of it, and what is refused rather than guessed (C5)."""

from __future__ import annotations

from datetime import date

import pytest

from helpspace.core.caseload import OwnClient
from helpspace.core.errors import HelpspaceError, Invalid
from helpspace.core.moments import LONDON, iso
from helpspace.tui.quick_add import Wanted, read_line

TODAY = date(2026, 3, 4)
"""A Wednesday; the UK's clocks go forward on the 29th."""


def client(name: str) -> OwnClient:
    return OwnClient(id=name, name=name, zone=LONDON, card="ok", latest=None)


CLIENTS = [
    client(name)
    for name in ("Anna Karenina", "Anna Li", "Zoë O'Brien", "Frida Mond", "May 5th", "محمد")
]


def read(text: str, *, today: date = TODAY) -> Wanted:
    return read_line(text, CLIENTS, today=today, zone=LONDON, name=lambda name: name)


@pytest.mark.parametrize(
    ("text", "who", "start", "minutes", "fee", "weeks"),
    [
        ("tue 10:00 anna k", "Anna Karenina", "2026-03-10T10:00:00Z", None, None, 1),
        ("anna kar tue 10", "Anna Karenina", "2026-03-10T10:00:00Z", None, None, 1),
        ("Zoë tomorrow 2pm £60 50m", "Zoë O'Brien", "2026-03-05T14:00:00Z", 50, 6000, 1),
        ("24 mar 9.30 frida 45 min", "Frida Mond", "2026-03-24T09:30:00Z", 45, None, 1),
        ("frida fri 9 free", "Frida Mond", "2026-03-06T09:00:00Z", None, 0, 1),
        ("thu 5 mar 9-10 محمد", "محمد", "2026-03-05T09:00:00Z", 60, None, 1),
        ("thurs 10:00–10:50 frida x6", "Frida Mond", "2026-03-05T10:00:00Z", 50, None, 6),
        ("may 5 may 10:00", "May 5th", "2026-05-05T09:00:00Z", None, None, 1),
        ("slot thu 9:30 x6", None, "2026-03-05T09:30:00Z", None, None, 6),
        ("open 2026-04-01 18:00 30m", None, "2026-04-01T17:00:00Z", 30, None, 1),
        ("anna li today 23:00", "Anna Li", "2026-03-04T23:00:00Z", None, None, 1),
        ("30/3 10 frida 4 weeks", "Frida Mond", "2026-03-30T09:00:00Z", None, None, 4),
        ("frida mond, sun 25 oct 2026 01:30 bst", "Frida Mond", "2026-10-25T00:30:00Z", None,
         None, 1),
        ("frida mond, sun 25 oct 2026 01:30 gmt", "Frida Mond", "2026-10-25T01:30:00Z", None,
         None, 1),
    ],
)  # fmt: skip
def test_a_line_is_understood(
    text: str, who: str | None, start: str, minutes: int | None, fee: int | None, weeks: int
) -> None:
    found = read(text)
    assert (found.client and found.client.name, iso(found.start)) == (who, start)
    assert (found.minutes, found.fee_pence, found.weeks) == (minutes, fee, weeks)
    assert found.is_slot is (who is None)


@pytest.mark.parametrize(
    ("text", "refusal"),
    [
        ("", "Nothing is written yet"),
        ("anna k 10:00", "Which day?"),
        ("anna k tue", "At what time?"),
        ("tue 10:00", "For whom?"),
        ("tue 10:00 anna", "More than one client fits: Anna Karenina, Anna Li"),
        ("tue 10:00 sam", "None of your clients fits “sam”"),
        ("tue 10:00 frida anna", "None of your clients fits “frida anna”"),
        ("tue wed 10:00 frida", "There is more than one day"),
        ("tue 10:00 11:00 frida", "There is more than one time"),
        ("tue 10 11 frida", "There is more than one time"),
        ("tue 10-9 frida", "It would end before it begins"),
        ("tue 10-11 frida 50m", "The length is there twice"),
        ("tue 10 frida £60 £70", "There is more than one fee"),
        ("slot tue 10 £60", "The fee of initial sessions is in your profile"),
        ("mon 10 mar 10:00 frida", "There is more than one day"),
        ("29 mar 01:30 frida", "01:30 on Sun 29 Mar does not exist"),
        ("25 oct 01:30 frida", "01:30 on Sun 25 Oct happens twice"),
        ("tue 25:00 frida", "“25:00” is no time"),
        ("slot slot tue 10", "None of your clients fits “slot slot”"),
    ],
)
def test_what_could_be_meant_otherwise_is_refused(text: str, refusal: str) -> None:
    with pytest.raises(HelpspaceError) as found:
        read(text)
    assert found.value.title == refusal


def test_names_are_shown_as_they_may_be() -> None:
    with pytest.raises(Invalid) as found:
        read_line("tue 10 anna", CLIENTS, today=TODAY, zone=LONDON, name=lambda _: "•••")
    assert found.value.title == "More than one client fits: •••, •••"
