"""Moving, waiving, missed, reported, in series, time off: the money first, then the act (M4)."""

from __future__ import annotations

from typing import Any

import pytest

from helpspace.core import booking, invitations, links
from helpspace.core.actors import Actor
from helpspace.core.appointments import AppointmentView
from helpspace.core.errors import NotFound
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Notice
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.cli.conftest import CommandLine
from tests.core.fake_stripe import FakeStripe, settle_all

NEXT_WEEK = "2026-03-13T09:00"


@pytest.fixture
def stripe(clock: MovableClock) -> FakeStripe:
    return FakeStripe(clock.now)


@pytest.fixture
def booked(practice: Practice, therapist: Actor, client: Actor) -> AppointmentView:
    return makers.session(practice, therapist, client)


def paid(
    practice: Practice, stripe: FakeStripe, clock: MovableClock, booked: AppointmentView
) -> None:
    clock.move_to(booked.free_until + 60)
    settle_all(practice, stripe)


# --- move


def test_a_move_shows_the_money_and_is_made_when_agreed(
    cli: CommandLine, therapist: Actor, booked: AppointmentView
) -> None:
    done = cli(
        "appointments", "move", booked.id, "--start", NEXT_WEEK, "--asked-by", "therapist",
        answer="y\n",
    )  # fmt: skip
    assert done.code == 0
    assert done.out == f"Moved {booked.id} to Fri 13 Mar 09:00–09:50.\n"
    assert done.err.splitlines() == [
        "From Fri 6 Mar 09:00–09:50 to Fri 13 Mar 09:00–09:50, asked by the therapist.",
        "If the client asked for this, say --asked-by client: it makes a difference to the money.",
        "The client may cancel free until Wed 11 Mar 09:00.",
        "The fee of £60 is taken Wed 11 Mar 09:01.",
        "The slot it was booked in stays closed.",
        "Both are told, with the new calendar file.",
        "Move it? [y/n] ",
    ]
    (act,) = cli.json("audit", "--act", "move")
    assert (act["role"], act["actor_id"], act["by_whom"].partition(":")[0]) == (
        "therapist", therapist.id, "team",
    )  # fmt: skip


def test_a_move_at_the_clients_request_after_it_was_paid(
    cli: CommandLine,
    practice: Practice,
    clock: MovableClock,
    stripe: FakeStripe,
    booked: AppointmentView,
) -> None:
    paid(practice, stripe, clock, booked)
    asked = ("appointments", "move", booked.id, "--start", NEXT_WEEK, "--asked-by")
    said = cli(*asked, "client", "--dry-run").err
    assert "The fee of £60 stays paid: the move opens no new free cancellation." in said
    said = cli(*asked, "therapist", "--dry-run").err
    assert "may cancel until Wed 11 Mar 09:00 and gets them back in full" in said
    made = cli.json(*asked, "client", "--yes", "--minutes", "80")
    assert (made["start"], made["minutes"], made["locked"]) == ("2026-03-13T09:00:00Z", 80, True)
    assert (made["old_start"], made["free_until"]) == (
        "2026-03-06T09:00:00Z", "2026-03-04T09:00:00Z",
    )  # fmt: skip
    assert (made["paid_pence"], made["charge_at"], made["tells"]) == (
        6000, None, ["client", "therapist"],
    )  # fmt: skip


def test_who_asked_for_a_move_must_be_said(cli: CommandLine, booked: AppointmentView) -> None:
    assert cli("appointments", "move", booked.id, "--start", NEXT_WEEK, "--yes").code == 2


@pytest.mark.parametrize(
    "argv",
    [
        ("move", "ID", "--start", NEXT_WEEK, "--asked-by", "client"),
        ("waive", "ID", "--reason", "was ill"),
        ("cancel", "ID", "--as", "client", "--reason", "asked by phone", "--and-later"),
    ],
)
def test_a_rehearsal_changes_nothing(
    cli: CommandLine, practice: Practice, booked: AppointmentView, argv: tuple[str, ...]
) -> None:
    before = makers.snapshot(practice)
    whole = ["appointments", *(booked.id if part == "ID" else part for part in argv)]
    told = cli.json(*whole, "--dry-run")
    assert (told[0] if isinstance(told, list) else told)["dry_run"] is True
    refused = cli(*whole, answer="n\n")
    assert refused.code == 1
    assert "Left as it was" in refused.err
    assert makers.snapshot(practice) == before


def test_a_move_onto_something_else_is_one_line(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor, booked: AppointmentView
) -> None:
    makers.follow_up(practice, therapist, client, makers.SOON + 7 * DAY)
    done = cli(
        "appointments", "move", booked.id, "--start", NEXT_WEEK, "--asked-by", "client", "--yes"
    )
    assert done.code == 1
    assert "Fri 13 Mar 09:00–09:50 is booked already" in done.line


# --- waive, no-show, reports


def test_a_paid_fee_is_waived(
    cli: CommandLine,
    practice: Practice,
    clock: MovableClock,
    stripe: FakeStripe,
    booked: AppointmentView,
) -> None:
    paid(practice, stripe, clock, booked)
    done = cli("appointments", "waive", booked.id, "--reason", "was ill", answer="y\n")
    assert "The client gets £60 back in full." in done.err
    assert done.out == f"Waived the fee of {booked.id}.\n"
    settle_all(practice, stripe)
    assert stripe.refunded(booked.id) == 6000
    (act,) = cli.json("audit", "--act", "waive")
    assert act["why"] == "was ill"
    again = cli("appointments", "waive", booked.id, "--reason", "was ill", "--yes")
    assert (again.code, "waived already" in again.line) == (1, True)


def test_a_missed_session(cli: CommandLine, clock: MovableClock, booked: AppointmentView) -> None:
    early = cli("appointments", "no-show", booked.id, "--yes")
    assert (early.code, "has not started yet" in early.line) == (1, True)
    clock.move_to(makers.SOON + HOUR)
    assert cli.json("appointments", "no-show", booked.id, "--dry-run")["state"] == "no_show"
    done = cli.json("appointments", "no-show", booked.id, "--yes")
    assert (done["state"], done["owed_pence"]) == ("no_show", 6000)


@pytest.mark.parametrize(("word", "state"), [("--agree", "agreed"), ("--refuse", "refused")])
def test_the_team_decides_on_a_report(
    cli: CommandLine,
    practice: Practice,
    client: Actor,
    clock: MovableClock,
    booked: AppointmentView,
    word: str,
    state: str,
) -> None:
    clock.move_to(makers.SOON + HOUR)
    missing = cli("appointments", "absence", booked.id, word, "--reason", "x", "--yes")
    assert missing.code == 1
    booking.report_absence(practice, client, booked.id)
    (open_one,) = cli.json("appointments", "absences", "--undecided")
    assert (open_one["appointment_id"], open_one["state"]) == (booked.id, "reported")
    if word == "--refuse":
        assert cli("appointments", "absence", booked.id, word, "--yes").code == 1
    done = cli.json("appointments", "absence", booked.id, word, "--reason", "asked both", "--yes")
    assert done["state"] == state
    assert cli.json("appointments", "absences", "--undecided") == []
    waived = cli.json("appointments", "show", booked.id)["payment"] == "waived"
    assert waived is (state == "agreed")


def test_b2_a_wish_for_another_time_is_refused(
    cli: CommandLine, practice: Practice, client: Actor, booked: AppointmentView
) -> None:
    """B2: the session stays where it is, the client is told, and only a waiting wish is refused."""
    assert cli("appointments", "refuse-move", booked.id, "--yes").code == 1
    booking.ask_to_move(practice, client, booked.id)
    before = makers.snapshot(practice)
    seen = cli.json("appointments", "refuse-move", booked.id, "--dry-run")
    assert (seen["state"], seen["dry_run"]) == ("asked", True)
    assert makers.snapshot(practice) == before
    done = cli.json("appointments", "refuse-move", booked.id, "--yes")
    assert (done["state"], done["appointment_id"]) == ("refused", booked.id)
    told = [one for one in makers.all_rows(practice, Notice) if one["event"] == "move_refused"]
    assert {one["party"] for one in told} == {"client"}
    assert cli.json("appointments", "show", booked.id)["start"] == done["start"]
    assert "answered already" in cli("appointments", "refuse-move", booked.id, "--yes").err


def test_b2_invitations_are_made_listed_and_taken_back(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    """B2: the link is shown once; a rehearsal has none, and one taken back leads nowhere."""
    assert "no name yet" in cli("clients", "invitations", "make").err
    links.remember_bot(practice, "helpspace_bot")
    rehearsed = cli.json("clients", "invitations", "make", "--dry-run")
    assert (rehearsed["link"], rehearsed["dry_run"]) == (None, True)
    assert cli.json("clients", "invitations", "list") == []
    made = cli.json("clients", "invitations", "make")
    token = made["link"].removeprefix("https://t.me/helpspace_bot?start=i_")
    assert invitations.inviter(practice, client, token).therapist_id == therapist.id
    (listed,) = cli.json("clients", "invitations", "list")
    assert (listed["id"], "link" in listed) == (made["id"], False)
    assert cli("clients", "invitations", "withdraw", made["id"], "--dry-run").code == 0
    assert cli("clients", "invitations", "withdraw", made["id"]).code == 0
    assert cli("clients", "invitations", "withdraw", made["id"]).code == 1
    with pytest.raises(NotFound):
        invitations.inviter(practice, client, token)
    person = cli("clients", "invitations", "make")
    assert person.out.startswith("https://t.me/helpspace_bot?start=i_")
    assert cli("clients", "invitations", "list", "--therapist", "aaaaaaaaaaaa").code == 1


# --- series


@pytest.fixture
def known(practice: Practice, therapist: Actor, client: Actor) -> Actor:
    makers.acquaint(practice, therapist, client)
    return client


def weekly(client: Actor, start: str, weeks: int) -> tuple[str, ...]:
    return (
        "appointments", "book", "--client", client.id, "--start", start, "--weeks", str(weeks),
    )  # fmt: skip


def test_every_week_is_listed_before_it_is_booked(cli: CommandLine, known: Actor) -> None:
    done = cli(*weekly(known, "2026-03-20T10:00", 3), answer="y\n")
    assert done.code == 0
    assert done.err.splitlines()[:4] == [
        "1. Fri 20 Mar 10:00–10:50: free, charged Wed 18 Mar 10:01.",
        "2. Fri 27 Mar 10:00–10:50: free, charged Wed 25 Mar 10:01.",
        "3. Fri 3 Apr 10:00–10:50: free, charged Wed 1 Apr 10:01.",
        "3 of 3 weeks are free, £180 in all.",
    ]
    made = cli.json("appointments", "list")
    assert len(made) == 3
    assert len({one["series"] for one in made}) == 1


def test_weeks_that_cannot_be_booked_are_refused_or_left_out(
    cli: CommandLine, practice: Practice, therapist: Actor, known: Actor
) -> None:
    makers.follow_up(practice, therapist, known, makers.SOON + 7 * DAY)
    asked = weekly(known, "2026-03-06T09:00", 3)
    told = cli.json(*asked, "--dry-run")
    assert [one["state"] for one in told["dates"]] == ["free", "taken", "free"]
    assert (told["fee_pence"], told["dry_run"]) == (12000, True)
    refused = cli(*asked, "--yes")
    assert refused.code == 1
    assert "1 of the 3 weeks cannot be booked" in refused.err
    assert "--free-only" in refused.err
    made = cli.json(*asked, "--yes", "--free-only")
    assert len(made["appointments"]) == 2


def test_c5_a_time_that_happens_twice_is_asked_about(cli: CommandLine, known: Actor) -> None:
    asked = weekly(known, "2026-10-18T01:30", 2)
    assert "say --twice first or --twice second" in cli(*asked, "--dry-run").err
    made: Any = cli.json(*asked, "--twice", "second", "--yes")
    assert made["appointments"][1]["start"] == "2026-10-25T01:30:00Z"


def test_this_one_and_later_ones_are_cancelled_with_the_money_first(
    cli: CommandLine, practice: Practice, clock: MovableClock, known: Actor
) -> None:
    made = cli.json(*weekly(known, "2026-03-06T09:00", 3), "--yes")["appointments"]
    clock.move_to(makers.SOON - DAY)
    done = cli(
        "appointments", "cancel", made[0]["id"], "--as", "client", "--reason", "asked by phone",
        "--and-later", answer="y\n",
    )  # fmt: skip
    assert done.code == 0
    assert "It is late: the client is charged the fee of £60." in done.err.splitlines()[1]
    assert all("The client pays nothing." in line for line in done.err.splitlines()[2:4])
    states = [one["state"] for one in cli.json("appointments", "list")]
    assert states == 3 * ["cancelled_by_client"]


# --- time off


def test_time_off_shows_what_it_hits_and_asks_what_becomes_of_it(
    cli: CommandLine,
    practice: Practice,
    therapist: Actor,
    clock: MovableClock,
    stripe: FakeStripe,
    booked: AppointmentView,
) -> None:
    slot = makers.open_slot(practice, therapist, makers.SOON + DAY)
    paid(practice, stripe, clock, booked)
    asked = (
        "slots", "time-off", "take", "--start", "2026-03-05T00:00", "--end", "2026-03-12T00:00",
    )  # fmt: skip
    told = cli.json(*asked, "--dry-run")
    assert [one["slot_id"] for one in told["slots"]] == [slot]
    assert [one["refund_pence"] for one in told["sessions"]] == [6000]
    undecided = cli(*asked, "--yes")
    assert undecided.code == 1
    assert "Say --sessions cancel or --sessions keep." in undecided.err
    done = cli(*asked, "--sessions", "cancel", answer="y\n")
    assert done.code == 0
    assert "The client gets £60 back." in done.err
    assert "£60 goes back to clients in all" in done.err
    (off,) = cli.json("slots", "time-off", "list")
    assert (off["start"], off["end"]) == ("2026-03-05T00:00:00Z", "2026-03-12T00:00:00Z")
    shut = cli("slots", "open", "--start", "2026-03-06T15:00")
    assert (shut.code, "time off" in shut.line) == (1, True)
    assert cli.json("slots", "time-off", "lift", off["id"], "--dry-run")["dry_run"] is True
    assert cli("slots", "time-off", "lift", off["id"]).code == 0
    assert cli.json("slots", "time-off", "list") == []
    assert cli("slots", "open", "--start", "2026-03-06T15:00").code == 0


def test_time_off_that_keeps_its_sessions(
    cli: CommandLine, therapist: Actor, booked: AppointmentView
) -> None:
    done = cli.json(
        "slots", "time-off", "take", "--start", "2026-03-05T00:00", "--end", "2026-03-12T00:00",
        "--sessions", "keep", "--yes",
    )  # fmt: skip
    assert (done["cancelled"], done["kept"]) == ([], [booked.id])
    assert cli.json("appointments", "show", booked.id)["state"] == "booked"
