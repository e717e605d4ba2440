"""The calendar feed `/calendar/<token>.ics`: neutral, one's own, current, gone when reset (N6)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import httpx
import pytest
from icalendar import Calendar, Event

from helpspace import ics
from helpspace.core import booking, feeds
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY, HOUR
from helpspace.core.payments.store_name import store_name
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Client
from helpspace.core.vault import Vault
from helpspace.sandbox.clock import MovableClock
from helpspace.web.feed import file
from tests import makers
from tests.makers import NOW, ON_SQLITE, SOON, TEAM
from tests.web.visits import PUBLIC, Visitor

STEMS = ("counsel", "therap", "psych", "mental")
LONDON = ZoneInfo("Europe/London")


@pytest.fixture
def practice(store_url: str, clock: MovableClock) -> Iterator[Practice]:
    """A practice with a public address."""
    made = makers.practice_at(store_url, clock, PUBLIC_URL=PUBLIC)
    yield made
    made.store.close()


@pytest.fixture
def visitor(practice: Practice) -> Visitor:
    """A calendar app, which knows nothing but an address."""
    return Visitor(practice)


def path_of(practice: Practice, who: Actor) -> str:
    """Return the path of a therapist's own feed."""
    address = feeds.feed_address(practice, who, who.id)
    assert address is not None
    assert address.startswith(f"{PUBLIC}/calendar/")
    return address.removeprefix(PUBLIC)


def entries(answer: httpx.Response) -> list[Event]:
    """Return the entries of a feed as a calendar app reads them."""
    assert answer.status_code == 200
    return Calendar.from_ical(answer.content).walk("VEVENT")


def raw(answer: httpx.Response) -> list[tuple[bytes, bytes]]:
    """Return the headers of an answer, for nobody to tell two apart."""
    return answer.headers.raw


def test_a_feed_holds_what_is_booked_and_the_link_to_it(
    practice: Practice, visitor: Visitor, therapist: Actor, client: Actor
) -> None:
    """Soonest first, with the identity that the mails give: one UID for an appointment's life."""
    later = makers.session(practice, therapist, client, SOON + DAY)
    sooner = makers.follow_up(practice, therapist, client, SOON)
    makers.open_slot(practice, therapist, SOON + 2 * DAY)
    answer = visitor.get(path_of(practice, therapist))
    assert answer.headers["content-type"] == "text/calendar; charset=utf-8"
    whole = Calendar.from_ical(answer.content)
    assert (whole["method"], whole["version"]) == ("PUBLISH", "2.0")
    assert [one.name for one in whole.subcomponents] == ["VEVENT", "VEVENT"], "slots are not in it"
    with practice.reading() as view:
        store = store_name(view)
    for entry, session in zip(entries(answer), (sooner, later), strict=True):
        assert entry["uid"] == f"{session.id}@{store}"
        assert entry["sequence"] == session.sequence
        assert entry["dtstart"].dt == datetime.fromtimestamp(session.start, UTC)
        assert entry["dtend"].dt == datetime.fromtimestamp(session.end, UTC)
        assert session.video_url is not None
        assert (entry["url"], entry["description"]) == (session.video_url, session.video_url)
        assert (entry["status"], entry["class"]) == ("CONFIRMED", "PRIVATE")


def test_a_feed_names_nobody_and_no_trade(practice: Practice, visitor: Visitor) -> None:
    """N6: whoever looks over a shoulder sees initials; nothing else of any person goes out."""
    who = makers.add_therapist(practice, "Zoë Surnametherapist", concerns=3)
    client = makers.add_client(practice, "Samira O'Brien-Canary", "canary@example.org")
    booked = makers.session(practice, who, client)
    answer = visitor.get(path_of(practice, who))
    (entry,) = entries(answer)
    assert entry["summary"] == "Appointment S. O."
    whole = Calendar.from_ical(answer.content)
    assert whole["x-wr-calname"] == "Appointments"
    said = (answer.content.decode() + str(answer.headers)).lower().replace("\r\n ", "")
    said = said.replace(str(booked.video_url).lower(), "")
    assert not [stem for stem in STEMS if stem in said]
    for secret in ("samira", "brien", "canary", "surname", "zoë", "contact1", client.id, "60.00"):
        assert secret not in said
    assert 'filename="appointments.ics"' in answer.headers["content-disposition"]


@pytest.mark.parametrize(
    ("name", "summary"),
    [
        ("Zoë", "Appointment Z."),
        ("李 明", "Appointment 李. 明."),
        ("محمد علي", "Appointment م. ع."),
        ("O'Brien; DROP, TABLE\\n", "Appointment O. D. T."),
        (", ; \\", "Appointment ,. ;. \\."),
        ("a\r\nATTENDEE:mailto:x@example.org", "Appointment a. A."),
    ],
)
@ON_SQLITE
def test_names_of_every_kind_come_through_as_initials_and_make_no_line_of_their_own(
    practice: Practice, visitor: Visitor, therapist: Actor, name: str, summary: str
) -> None:
    """A3, A3a."""
    client = makers.add_client(practice)
    keep_name(practice, client, name)
    makers.session(practice, therapist, client)
    answer = visitor.get(path_of(practice, therapist))
    (entry,) = entries(answer)
    assert entry["summary"] == summary
    assert "attendee" not in entry


def keep_name(practice: Practice, client: Actor, name: str) -> None:
    """Write a name as an older store may have kept it, whatever the screens let through today."""
    with practice.change() as tx:
        tx.set(Client, "id = ?", client.id, name_sealed=tx.seal(name, "client.name"))


@ON_SQLITE
def test_lines_are_folded_at_75_octets_and_never_inside_a_letter(
    store_url: str, clock: MovableClock
) -> None:
    """RFC 5545, 3.1: counted in octets of UTF-8, and unfolding gives back every letter."""
    base = "https://video.example.org/" + "ünïcödé-räume-" * 8
    practice = makers.practice_at(store_url, clock, PUBLIC_URL=PUBLIC, VIDEO=base)
    who, client = makers.add_therapist(practice), makers.add_client(practice, "𝒵oë 李")
    booked = makers.session(practice, who, client)
    content = Visitor(practice).get(path_of(practice, who)).content
    practice.store.close()
    _check_folding(content)
    assert "SUMMARY:Appointment 𝒵. 李.\r\n".encode() in content
    assert f"\r\nURL:{booked.video_url}\r\n" in content.replace(b"\r\n ", b"").decode()


@pytest.mark.parametrize("length", range(40, 60))
def test_folding_holds_wherever_a_line_ends(length: int) -> None:
    """A title of letters of two, three and four octets, at every offset of the fold."""
    title = ("x" * length) + "ë李𝒵" * 20
    entry = ics.event("store", "id", sequence=0, said_at=NOW, start=NOW, end=NOW, initials=title)
    content = ics.calendar("PUBLISH", [entry])
    _check_folding(content)
    assert f"\r\nSUMMARY:Appointment {title}\r\n" in content.replace(b"\r\n ", b"").decode()


def _check_folding(content: bytes) -> None:
    assert content.endswith(b"\r\n")
    lines = content.removesuffix(b"\r\n").split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert any(line.startswith(b" ") for line in lines), "something was to be folded"
    for line in lines:
        assert line.decode(), "no letter is cut, no line is empty"
        assert b"\n" not in line


def test_cancelled_sessions_go_whoever_cancelled(
    practice: Practice, visitor: Visitor, therapist: Actor, client: Actor
) -> None:
    """N3: a calendar that mirrors the feed drops them, as the book does."""
    first = makers.session(practice, therapist, client)
    second = makers.follow_up(practice, therapist, client, SOON + DAY)
    third = makers.follow_up(practice, therapist, client, SOON + 2 * DAY)
    path = path_of(practice, therapist)
    booking.cancel(practice, client, first.id)
    booking.cancel(practice, therapist, second.id)
    assert [str(one["uid"]).partition("@")[0] for one in entries(visitor.get(path))] == [third.id]
    booking.cancel(practice, client, third.id)
    empty = visitor.get(path)
    assert entries(empty) == []
    assert Calendar.from_ical(empty.content)["x-wr-calname"] == "Appointments"


def test_past_sessions_stay_for_thirty_days(
    practice: Practice, visitor: Visitor, clock: MovableClock, therapist: Actor, client: Actor
) -> None:
    booked = makers.session(practice, therapist, client)
    path = path_of(practice, therapist)
    clock.move_to(booked.end + feeds.BACK - 1)
    assert len(entries(visitor.get(path))) == 1
    clock.move_to(booked.end + feeds.BACK)
    assert entries(visitor.get(path)) == []


def test_wall_time_is_kept_across_both_clock_changes(
    practice: Practice, visitor: Visitor, clock: MovableClock, therapist: Actor, client: Actor
) -> None:
    """C5: in UTC, so that no calendar app has to know our zones."""
    makers.acquaint(practice, therapist, client)
    for weeks in (
        ["2026-03-27T09:00", "2026-03-29T00:30", "2026-03-29T09:00", "2026-04-03T09:00"],
        ["2026-10-23T09:00", "2026-10-25T09:00", "2026-10-30T09:00"],
    ):
        starts = [datetime.fromisoformat(one).replace(tzinfo=LONDON) for one in weeks]
        for start in starts:
            makers.follow_up(practice, therapist, client, int(start.timestamp()))
        found = [one["dtstart"].dt for one in entries(visitor.get(path_of(practice, therapist)))]
        assert [one.astimezone(LONDON).isoformat()[:16] for one in found] == weeks
        assert {one.utcoffset() for one in found} == {timedelta(0)}
        clock.move_to(int(starts[-1].timestamp()) + 60 * DAY)


def test_a_session_that_spans_the_change_lasts_as_long_as_it_lasts(
    practice: Practice, visitor: Visitor, therapist: Actor, client: Actor
) -> None:
    """C5: durations are elapsed time; 00:30 to 02:20 by the clock on the wall is 50 minutes."""
    makers.acquaint(practice, therapist, client)
    start = int(datetime(2026, 3, 29, 0, 30, tzinfo=UTC).timestamp())
    makers.follow_up(practice, therapist, client, start)
    (entry,) = entries(visitor.get(path_of(practice, therapist)))
    assert (entry["dtend"].dt - entry["dtstart"].dt).total_seconds() == 50 * 60
    assert entry["dtend"].dt.astimezone(LONDON).isoformat()[11:16] == "02:20"


# Whose it is (A1)


def test_nobody_sees_another_therapist_s_sessions(
    practice: Practice, visitor: Visitor, therapist: Actor, client: Actor
) -> None:
    other = makers.add_therapist(practice, "Bob")
    mine = makers.session(practice, therapist, client)
    theirs = makers.session(practice, other, client, SOON + DAY)
    for who, session in ((therapist, mine), (other, theirs)):
        uids = [str(one["uid"]) for one in entries(visitor.get(path_of(practice, who)))]
        assert [uid.partition("@")[0] for uid in uids] == [session.id]


def test_only_the_therapist_learns_the_address(
    practice: Practice, therapist: Actor, client: Actor
) -> None:
    """The team reads it only on their behalf; everybody else as if nothing were there."""
    other = makers.add_therapist(practice, "Bob")
    before = makers.snapshot(practice)
    for who in (other, client, TEAM, Actor.client("nobody")):
        for ask in (feeds.feed_address, feeds.reset_feed):
            with pytest.raises(NotFound):
                ask(practice, who, therapist.id)
    assert makers.snapshot(practice) == before


def test_what_is_no_address_answers_alike(
    practice: Practice, visitor: Visitor, therapist: Actor
) -> None:
    """A1: byte for byte, whether there is such a therapist, another's secret, or rubbish."""
    other = makers.add_therapist(practice, "Bob")
    mine, theirs = (path_of(practice, who) for who in (therapist, other))
    start = len("/calendar/")
    crossed = mine[: start + 12] + theirs[start + 12 :]
    stranger = "/calendar/" + "a" * 12 + mine[start + 12 :]
    last = "a" if mine[-5] != "a" else "b"
    paths = [
        crossed, stranger, f"{mine[:-5]}{last}.ics", mine.replace(therapist.id, ""),
        f"/calendar/{therapist.id}.ics", "/calendar/x.ics", f"/calendar/{'a' * 38}.ics",
        mine.upper().replace("/CALENDAR/", "/calendar/").replace(".ICS", ".ics"),
        f"{mine[:-4]}%00.ics", f"{mine[:-4]}%0a.ics", f"/calendar/{'%C3%AB' * 38}.ics",
        f"/calendar/{'a' * 3000}.ics",
    ]  # fmt: skip
    first, *others = visitor.all(*paths)
    assert first.status_code == 404
    assert first.headers["cache-control"] == "no-store"
    for path, answer in zip(paths[1:], others, strict=True):
        assert (answer.status_code, answer.content, raw(answer)) == (
            404,
            first.content,
            raw(first),
        ), path


def test_a_reset_makes_the_old_address_a_404_at_once(
    practice: Practice, visitor: Visitor, therapist: Actor, client: Actor
) -> None:
    """Also for an app that has a copy; the new one is as long, and nobody could tell it before."""
    makers.session(practice, therapist, client)
    old = path_of(practice, therapist)
    tag = visitor.get(old).headers["etag"]
    address = feeds.reset_feed(practice, therapist, therapist.id)
    assert address == PUBLIC + path_of(practice, therapist)
    new = path_of(practice, therapist)
    assert new != old
    assert re.fullmatch(r"/calendar/[a-z2-7]{38}\.ics", new)
    stale = visitor.get(old, headers={"If-None-Match": tag})
    never = visitor.get(f"/calendar/{'a' * 38}.ics", headers={"If-None-Match": tag})
    assert (stale.status_code, stale.content, raw(stale)) == (404, never.content, raw(never))
    assert len(entries(visitor.get(new))) == 1
    feeds.reset_feed(practice, therapist, therapist.id)
    assert {one.status_code for one in visitor.all(old, new)} == {404}


def test_a_reset_is_on_the_trail_and_the_address_is_not(
    practice: Practice, visitor: Visitor, therapist: Actor, caplog: pytest.LogCaptureFixture
) -> None:
    """A2, A5: an address is a key, so it is in no table and no log."""
    feeds.reset_feed(practice, therapist, therapist.id)
    path = path_of(practice, therapist)
    secret = path.removeprefix("/calendar/").removesuffix(".ics").removeprefix(therapist.id)
    visitor.get(path)
    stored = str(makers.snapshot(practice))
    assert "'reset'" in stored
    assert secret not in stored
    assert secret not in caplog.text


@ON_SQLITE
def test_an_address_of_another_store_is_none_here(
    practice: Practice, visitor: Visitor, therapist: Actor
) -> None:
    """The secret hangs on the store's key: a copy of the tables alone makes no address (D7)."""
    mine = path_of(practice, therapist)
    assert visitor.get(mine).status_code == 200
    elsewhere = Practice(
        practice.store, practice.settings, Vault(bytes(32), practice.ids), practice.clock,
        practice.ids,
    )  # fmt: skip
    assert path_of(elsewhere, therapist) != mine


@ON_SQLITE
def test_without_a_public_address_there_is_none(store_url: str, clock: MovableClock) -> None:
    practice = makers.practice_at(store_url, clock)
    who = makers.add_therapist(practice)
    assert feeds.feed_address(practice, who, who.id) is None
    assert feeds.reset_feed(practice, who, who.id) is None
    practice.store.close()


# Copies


def test_a_calendar_app_asks_each_time_and_is_told_when_nothing_changed(
    practice: Practice, visitor: Visitor, clock: MovableClock, therapist: Actor, client: Actor
) -> None:
    """No shared cache keeps a copy; an hour later the same book gives the same bytes."""
    booked = makers.session(practice, therapist, client)
    path = path_of(practice, therapist)
    first = visitor.get(path)
    assert first.headers["cache-control"] == "private, no-cache"
    assert first.headers["x-robots-tag"] == "noindex, noarchive"
    clock.move_to(NOW + HOUR)
    again = visitor.get(path)
    assert (again.content, raw(again)) == (first.content, raw(first))
    tag = first.headers["etag"]
    for said in (tag, f'W/{tag}, "other"'):
        kept = visitor.get(path, headers={"If-None-Match": said})
        assert (kept.status_code, kept.content, kept.headers["etag"]) == (304, b"", tag)
        assert kept.headers["cache-control"] == "private, no-cache"
    booking.cancel(practice, client, booked.id)
    now = visitor.get(path, headers={"If-None-Match": tag})
    assert (now.status_code, entries(now)) == (200, [])
    assert now.headers["etag"] != tag


def test_a_look_changes_nothing(practice: Practice, visitor: Visitor, therapist: Actor) -> None:
    """And nothing but looking is possible there."""
    path = path_of(practice, therapist)
    before = makers.snapshot(practice)
    head = visitor.ask("HEAD", path)
    assert (head.status_code, head.content) == (200, b"")
    assert {visitor.ask(method, path).status_code for method in ("POST", "PUT", "DELETE")} == {405}
    assert makers.snapshot(practice) == before


@ON_SQLITE
def test_the_file_is_bounded(
    practice: Practice, therapist: Actor, client: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The latest starts are kept where somebody has more than a feed shows."""
    monkeypatch.setattr(feeds, "MOST", 2)
    makers.acquaint(practice, therapist, client)
    made: list[AppointmentView] = [
        makers.follow_up(practice, therapist, client, SOON + day * DAY) for day in range(3)
    ]
    path = path_of(practice, therapist)
    found = feeds.feed(practice, path.removeprefix("/calendar/").removesuffix(".ics"))
    assert [one.id for one in found.entries] == [one.id for one in made[1:]]
    assert file(found) == file(found)
