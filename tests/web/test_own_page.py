"""A client's page of one appointment, `/a/<token>`: see it, cancel it, nothing else (K1a)."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator

import pytest

from helpspace.core import accounts, booking, confirm, own_pages
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.practice import Practice
from helpspace.core.privacy import erasing
from helpspace.core.store.tables import Appointment, Link, Notice
from helpspace.sandbox.clock import MovableClock
from helpspace.settings import THIS_MACHINE
from helpspace.web import own
from helpspace.web.callers import Callers
from tests import makers
from tests.web.visits import PUBLIC, Parsed, Visitor

UNKNOWN = "/a/" + "a" * 26


@pytest.fixture
def backend() -> str:
    """SQLite: nothing here depends on the database."""
    return "sqlite"


@pytest.fixture
def practice(store_url: str, clock: MovableClock) -> Iterator[Practice]:
    made = makers.practice_at(store_url, clock, PUBLIC_URL=PUBLIC)
    yield made
    made.store.close()


@pytest.fixture
def visitor(practice: Practice) -> Visitor:
    return Visitor(practice)


@pytest.fixture
def sam(practice: Practice) -> Actor:
    client = makers.add_client(practice, "Sam")
    confirm.confirm_email(practice, client, confirm.make_token(practice, client.id))
    return client


@pytest.fixture
def booked(practice: Practice, sam: Actor) -> AppointmentView:
    return makers.session(practice, makers.add_therapist(practice), sam)


def path_of(practice: Practice, booked: AppointmentView) -> str:
    address = own_pages.address(practice, booked.id)
    assert address is not None
    assert address.startswith(f"{PUBLIC}/a/")
    return address.removeprefix(PUBLIC)


def state_of(practice: Practice, booked: AppointmentView) -> str:
    return str(makers.row(practice, Appointment, booked.id)["state"])


def test_k1a_it_shows_the_appointment(
    practice: Practice, visitor: Visitor, booked: AppointmentView
) -> None:
    answer = visitor.get(path_of(practice, booked))
    assert answer.status_code == 200
    page = Parsed(answer.text)
    words = page.words()
    assert "Fri 6 Mar 09:00–09:50 (UK time)" in words
    assert "Zoë O'Brien" in words
    assert "free to cancel until Wed 4 Mar 09:00" in words
    assert page.one("title").text == "Your appointment"
    assert not page.all("script")
    headers = answer.headers
    assert headers["cache-control"] == "no-store"
    assert headers["referrer-policy"] == "no-referrer"
    assert "noindex" in headers["x-robots-tag"]
    policy = headers["content-security-policy"]
    assert "default-src 'none'" in policy
    assert "form-action 'self'" in policy


def test_k1a_cancelling_is_asked_first_and_done_by_post_only(
    practice: Practice, visitor: Visitor, booked: AppointmentView
) -> None:
    path = path_of(practice, booked)
    for query in ("?owed=0", "?act=cancel&owed=0"):
        visitor.get(path + query)
    assert state_of(practice, booked) == "booked"
    asked = Parsed(visitor.ask("POST", path).text)
    assert "Cancel this appointment?" in asked.words()
    assert "you pay nothing" in asked.words()
    assert "Yes, cancel it · free" in asked.words()
    assert asked.one("input").attributes["value"] == "0"
    assert state_of(practice, booked) == "booked"
    done = visitor.ask("POST", path, content="owed=0")
    assert done.status_code == 200
    assert "You have cancelled it." in Parsed(done.text).words()
    assert state_of(practice, booked) == "cancelled_by_client"
    assert visitor.nudged == ["delivery"]
    told = {
        row["party"] for row in makers.all_rows(practice, Notice) if row["event"] == "cancelled"
    }
    assert told == {"client", "therapist"}
    audit = [row for row in makers.snapshot(practice)["audit"] if row["act"] == "cancel"]
    assert [row["via"] for row in audit] == ["page"]


def test_m4_the_consequence_is_checked_again(
    practice: Practice, visitor: Visitor, booked: AppointmentView, clock: MovableClock
) -> None:
    path = path_of(practice, booked)
    clock.move_to(booked.free_until + 1)
    answer = visitor.ask("POST", path, content="owed=0")
    assert answer.status_code == 409
    page = Parsed(answer.text)
    assert "Nothing was done" in page.words()
    assert "You pay £60" in page.words()
    assert "Yes, cancel it · pay £60" in page.words()
    assert state_of(practice, booked) == "booked"
    assert visitor.ask("POST", path, content="owed=6000").status_code == 200
    assert state_of(practice, booked) == "cancelled_by_client"
    again = visitor.ask("POST", path, content="owed=6000")
    assert "You have cancelled it." in again.text


def test_m2_after_the_start_there_is_nothing_to_cancel(
    practice: Practice, visitor: Visitor, booked: AppointmentView, clock: MovableClock
) -> None:
    path = path_of(practice, booked)
    clock.move_to(booked.start)
    assert not Parsed(visitor.get(path).text).all("form")
    visitor.ask("POST", path, content="owed=6000")
    assert state_of(practice, booked) == "booked"


def test_a1_unknown_foreign_erased_and_old_tokens_are_alike(
    practice: Practice, visitor: Visitor, booked: AppointmentView, sam: Actor
) -> None:
    """A1, P2: byte for byte the same 404, by GET and by POST, and nothing changes."""
    path = path_of(practice, booked)
    unknown = visitor.get(UNKNOWN)
    assert unknown.status_code == 404
    token = confirm.make_token(practice, sam.id)
    others = ["/a/x", f"/a/{'A' * 26}", f"/a/{token}", f"/a/{booked.id}", f"/a/{'é' * 26}"]
    accounts.set_email(practice, sam, "new@example.org")
    confirm.confirm_email(practice, sam, confirm.make_token(practice, sam.id))
    others.append(path)
    newer = path_of(practice, booked)
    assert newer != path
    erasing.erase(practice, sam)
    others.append(newer)
    before = makers.snapshot(practice)
    for other in others:
        for method, content in (("GET", ""), ("POST", ""), ("POST", "owed=0")):
            answer = visitor.ask(method, other, content=content)
            assert (answer.status_code, answer.text) == (404, unknown.text), other
            assert answer.headers["cache-control"] == "no-store"
    assert makers.snapshot(practice) == before


def test_d7_the_store_has_the_hash_only(
    practice: Practice, booked: AppointmentView, sam: Actor
) -> None:
    token = path_of(practice, booked).removeprefix("/a/")
    assert path_of(practice, booked) == f"/a/{token}"
    [row] = [one for one in makers.all_rows(practice, Link) if one["purpose"] == own_pages.PAGES]
    assert token not in str(makers.snapshot(practice))
    assert row["token_hash"] != hashlib.blake2b(token.encode(), digest_size=16).hexdigest()


def test_n1_no_page_before_the_address_is_confirmed(practice: Practice) -> None:
    kim = makers.add_client(practice, "Kim")
    session = makers.session(practice, makers.add_therapist(practice), kim)
    assert own_pages.address(practice, session.id) is None


def test_no_page_without_a_public_address(practice: Practice, booked: AppointmentView) -> None:
    plain = makers.practice_at(practice.settings.database, practice.clock)
    assert own_pages.address(plain, booked.id) is None
    plain.store.close()


@pytest.mark.parametrize(
    "content", ["owed=", "owed=-1", "owed=٠", "owed=9999999999", "x", "%00", "owed=1e3"]
)
def test_bad_forms_only_ask(
    practice: Practice, visitor: Visitor, booked: AppointmentView, content: str
) -> None:
    answer = visitor.ask("POST", path_of(practice, booked), content=content.encode())
    assert answer.status_code == 200
    assert "Cancel this appointment?" in answer.text
    assert state_of(practice, booked) == "booked"


def test_long_forms_are_refused(visitor: Visitor) -> None:
    assert visitor.ask("POST", UNKNOWN, content=b"x" * 5000).status_code == 413


def test_a_foreign_name_is_only_text(practice: Practice, visitor: Visitor, sam: Actor) -> None:
    """A3."""
    therapist = makers.add_therapist(practice, "<script>x</script>")
    session = makers.session(practice, therapist, sam, makers.SOON + 86_400)
    page = Parsed(visitor.get(path_of(practice, session)).text)
    assert not page.all("script")
    assert "<script>x</script>" in page.words()


def test_the_rate_is_bounded() -> None:
    rate = own.Rate(2)
    assert [rate.allows("one", 0) for _ in range(3)] == [True, True, False]
    assert rate.allows("two", 0)
    assert rate.allows("one", 60)
    for number in range(own.MOST_KNOWN + 10):
        rate.allows(str(number), 120)
    assert len(rate._counts) <= own.MOST_KNOWN


@pytest.mark.parametrize(
    ("peer", "forwarded", "counted"),
    [
        ("203.0.113.9", "", "203.0.113.9"),
        ("203.0.113.9", "198.51.100.1", "203.0.113.9"),  # a stranger's word
        ("127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("::ffff:127.0.0.1", "198.51.100.1", "198.51.100.1"),
        ("127.0.0.1", "1.1.1.1, 198.51.100.1", "198.51.100.1"),  # what the caller had sent itself
        ("127.0.0.1", "1.1.1.1, 198.51.100.1, 10.0.0.2", "198.51.100.1"),  # two of ours
        ("10.0.0.2", "198.51.100.1", "198.51.100.1"),
        ("10.0.1.2", "198.51.100.1", "10.0.1.2"),
        ("127.0.0.1", "nonsense", "127.0.0.1"),
        ("127.0.0.1", "1.1.1.1, nonsense", "127.0.0.1"),
        ("127.0.0.1", ",,", "127.0.0.1"),
        ("127.0.0.1", "127.0.0.1", "127.0.0.1"),
        ("127.0.0.1", "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::9", "1.1.1.1", "2001:db8:1:2::/64"),
        ("", "198.51.100.1", ""),
    ],
)
def test_who_calls_is_what_a_proxy_of_ours_says(peer: str, forwarded: str, counted: str) -> None:
    """Only proxies that the operator named are believed, each for the one address it saw."""
    callers = Callers((*THIS_MACHINE, "10.0.0.0/24"))
    assert callers.behind(peer, forwarded) == counted


def test_behind_a_proxy_everybody_has_their_own_bound(practice: Practice) -> None:
    """K1a: one busy visitor behind the same proxy keeps nobody else out."""
    visitor = Visitor(practice)

    def asked(count: int, *callers: str) -> list[int]:
        found = visitor.visit(
            lambda ask: [
                ask("GET", UNKNOWN, headers={"x-forwarded-for": caller})
                for caller in callers
                for _ in range(count)
            ]
        )
        return [one.status_code for one in found]

    codes = asked(own.MOST_A_MINUTE + 1, "198.51.100.1", "198.51.100.2")
    assert codes == ([404] * own.MOST_A_MINUTE + [429]) * 2


def test_too_many_requests_wait(visitor: Visitor) -> None:
    answers = visitor.all(*[UNKNOWN] * (own.MOST_A_MINUTE + 1))
    assert [one.status_code for one in answers[-2:]] == [404, 429]
    assert answers[-1].headers["retry-after"] == "60"


def test_b2_the_page_does_nothing_else(
    practice: Practice, visitor: Visitor, booked: AppointmentView
) -> None:
    path = path_of(practice, booked)
    before = makers.snapshot(practice)
    for method in ("PUT", "DELETE", "PATCH", "OPTIONS"):
        assert visitor.ask(method, path).status_code == 405
    visitor.ask("POST", path, content="start=1&move=1")
    assert makers.snapshot(practice) == before
    booking.cancel(practice, Actor.client(booked.client_id), booked.id)
    assert not Parsed(visitor.get(path).text).all("form")
