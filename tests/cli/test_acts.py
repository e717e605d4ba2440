"""What changing commands do: slots, follow-ups, cancellations; rehearsals change nothing."""

from __future__ import annotations

import pytest

from helpspace.core import cards, holds
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, HOUR
from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.cli.conftest import CommandLine


def test_a_slot_is_opened_in_the_therapists_wall_time(cli: CommandLine, practice: Practice) -> None:
    lisbon = makers.add_therapist(practice, zone="Europe/Lisbon")
    (made,) = cli.json("slots", "open", "--start", "2026-07-01T09:00")
    assert (made["therapist_id"], made["start"]) == (lisbon.id, "2026-07-01T08:00:00Z")
    (other,) = cli.json("slots", "open", "--start", "2026-07-01T10:00Z", "--minutes", "30")
    assert (other["start"], other["minutes"]) == ("2026-07-01T10:00:00Z", 30)
    assert [one["id"] for one in cli.json("slots", "list")] == [made["id"], other["id"]]


def test_a_weekly_repeat_keeps_the_wall_time(cli: CommandLine, therapist: Actor) -> None:
    made = cli.json("slots", "open", "--start", "2026-03-25T09:00", "--weeks", "2")
    assert [one["start"] for one in made] == ["2026-03-25T09:00:00Z", "2026-04-01T08:00:00Z"]


def test_opening_says_what_it_does_to_the_profile(
    cli: CommandLine, practice: Practice, therapist: Actor
) -> None:
    assert "see the profile now" in cli("slots", "open", "--start", "2026-03-06T09:00").err
    inside = cli("slots", "open", "--start", "2026-03-02T10:00")
    assert "inside the minimum notice" in inside.err
    hidden = makers.add_therapist(practice, account=None)
    shown = cli("slots", "open", "--therapist", hidden.id, "--start", "2026-03-06T09:00")
    assert "do not see the profile" in shown.err


def test_opening_is_done_on_the_therapists_behalf(cli: CommandLine, therapist: Actor) -> None:
    cli("slots", "open", "--start", "2026-03-06T09:00", "--reason", "asked by mail")
    row = cli.json("audit", "--act", "open")[0]
    assert (row["role"], row["actor_id"], row["why"]) == (
        "therapist",
        therapist.id,
        "asked by mail",
    )
    assert row["by_whom"].startswith("team:")
    assert row["via"] == "cli"


def test_a_slot_is_closed(cli: CommandLine, practice: Practice, therapist: Actor) -> None:
    slot = makers.open_slot(practice, therapist)
    assert cli.json("slots", "close", slot)["state"] == "closed"
    assert cli.json("slots", "list")[0]["state"] == "closed"
    (act,) = cli.json("audit", "--act", "close")
    assert act["by_whom"].startswith("team:")
    assert act["why"] == "asked by the therapist"
    assert cli.json("slots", "list", "--state", "open") == []


@pytest.fixture
def known(practice: Practice, therapist: Actor, client: Actor) -> tuple[Actor, Actor]:
    """A therapist and a client who have an initial session."""
    makers.session(practice, therapist, client)
    return therapist, client


def test_a_follow_up_is_shown_with_its_money_and_booked_when_agreed(
    cli: CommandLine, known: tuple[Actor, Actor]
) -> None:
    therapist, client = known
    asked = ("appointments", "book", "--client", client.id, "--start", "2026-03-13T09:00")
    done = cli(*asked, "--fee", "60.50", "--minutes", "90", answer="y\n")
    assert done.code == 0
    assert "£60.50" in done.err
    assert "Free to cancel until Wed 11 Mar 09:00; charged Wed 11 Mar 09:01." in done.err
    (made,) = [one for one in cli.json("appointments", "list") if one["kind"] == "follow_up"]
    assert (made["therapist_id"], made["client_id"]) == (therapist.id, client.id)
    assert (made["fee_pence"], made["minutes"]) == (6050, 90)
    row = cli.json("audit", "--thing", made["id"])[0]
    assert (row["role"], row["actor_id"]) == ("therapist", therapist.id)


def test_a_follow_up_is_json_with_yes(cli: CommandLine, known: tuple[Actor, Actor]) -> None:
    therapist, client = known
    made = cli.json(
        "appointments", "book", "--therapist", therapist.id, "--client", client.id,
        "--start", "2026-03-13T09:00", "--yes",
    )  # fmt: skip
    assert (made["kind"], made["state"], made["fee_pence"]) == ("follow_up", "booked", 6000)


def test_a_follow_up_tells_of_a_missing_card_and_of_an_own_slot_in_the_way(
    cli: CommandLine, practice: Practice, therapist: Actor
) -> None:
    client = makers.add_client(practice, card=False)
    makers.acquaint(practice, therapist, client)
    slot = makers.open_slot(practice, therapist)
    asked = ("appointments", "book", "--client", client.id, "--start", "2026-03-06T09:00")
    shown = cli(*asked, "--yes")
    assert "card is missing" in shown.err
    assert slot in shown.err
    assert cli.json("slots", "list")[0]["state"] == "closed"


@pytest.mark.parametrize("answer", ["n\n", "\n", "nonsense\n"])
def test_a_no_leaves_everything_as_it_was(
    cli: CommandLine, practice: Practice, known: tuple[Actor, Actor], answer: str
) -> None:
    before = makers.snapshot(practice)
    asked = ("appointments", "book", "--client", known[1].id, "--start", "2026-03-13T09:00")
    done = cli(*asked, answer=answer)
    assert done.code == 1
    assert done.err.splitlines()[-1].endswith("Left as it was. Nothing was changed.")
    assert makers.snapshot(practice) == before


def test_nobody_there_to_answer_is_told_of_yes(
    cli: CommandLine, practice: Practice, known: tuple[Actor, Actor]
) -> None:
    before = makers.snapshot(practice)
    asked = ("appointments", "book", "--client", known[1].id, "--start", "2026-03-13T09:00")
    done = cli(*asked)
    assert done.code == 1
    assert "--yes" in done.err
    assert makers.snapshot(practice) == before


def test_a_client_cancels_free_in_time(cli: CommandLine, known: tuple[Actor, Actor]) -> None:
    (booked,) = cli.json("appointments", "list")
    asked = ("appointments", "cancel", booked["id"], "--as", "client", "--reason", "by phone")
    shown = cli(*asked, "--dry-run")
    assert "The client pays nothing." in shown.err
    done = cli.json(*asked, "--yes")
    assert done["state"] == "cancelled_by_client"
    assert (done["owed_pence"], done["refund_pence"], done["charge_pence"]) == (0, 0, 0)


def test_a_client_who_cancels_late_is_told_the_fee_first(
    cli: CommandLine, known: tuple[Actor, Actor], clock: MovableClock
) -> None:
    clock.move_to(makers.SOON - DAY)
    (booked,) = cli.json("appointments", "list")
    asked = ("appointments", "cancel", booked["id"], "--as", "client", "--reason", "by phone")
    left = cli(*asked, answer="n\n")
    assert "charged the fee of £60" in left.err
    assert cli.json("appointments", "list")[0]["state"] == "booked"
    done = cli.json(*asked, "--yes")
    assert (done["late"], done["owed_pence"], done["charge_pence"]) == (True, 6000, 6000)


def test_a_therapists_cancellation_says_that_the_clients_own_is_another_thing(
    cli: CommandLine, known: tuple[Actor, Actor]
) -> None:
    (booked,) = cli.json("appointments", "list")
    asked = ("appointments", "cancel", booked["id"], "--as", "therapist", "--reason", "ill")
    done = cli(*asked, "--yes", "--json")
    assert "--as client" in done.err
    assert done.json["state"] == "cancelled_by_therapist"
    row = cli.json("audit", "--act", "cancel")[0]
    assert (row["role"], row["why"]) == ("therapist", "ill")


def _commands(practice: Practice, therapist: Actor, client: Actor) -> list[tuple[str, ...]]:
    """Every changing command on a practice that has something for each."""
    booked = makers.session(practice, therapist, client)
    slot = makers.open_slot(practice, therapist, makers.SOON + 2 * HOUR)
    from helpspace.core import notices

    errand = notices.claim(practice, "sender")[0]
    notices.failed(practice, errand, "smtp_550", for_good=True)
    return [
        ("init",),
        ("slots", "open", "--start", "2026-03-09T09:00", "--weeks", "3"),
        ("slots", "close", slot),
        ("appointments", "book", "--client", client.id, "--start", "2026-03-13T09:00"),
        ("appointments", "cancel", booked.id, "--as", "client", "--reason", "x"),
        ("appointments", "cancel", booked.id, "--as", "therapist", "--reason", "x"),
        ("notices", "resend", str(errand.seq)),
        ("jobs", "run"),
        ("jobs", "run", "charges", "holds"),
    ]


def test_a_rehearsal_changes_nothing_and_says_what_would_be_done(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    commands = _commands(practice, therapist, client)
    before = makers.snapshot(practice)
    for command in commands:
        person = cli(*command, "--dry-run")
        assert person.code == 0, person.err
        assert person.out or person.err
        script = cli(*command, "--dry-run", "--json")
        document = script.json
        for part in document if isinstance(document, list) else [document]:
            assert part["dry_run"] is True
        assert makers.snapshot(practice) == before, command


def test_a_rehearsal_refuses_what_the_act_refuses(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    makers.session(practice, therapist, client)
    before = makers.snapshot(practice)
    for command in (
        ("slots", "open", "--start", "2026-03-06T09:30"),
        ("slots", "close", "nothing"),
        ("appointments", "book", "--client", client.id, "--start", "2026-03-06T09:00"),
        ("appointments", "cancel", "nothing", "--as", "client", "--reason", "x"),
        ("notices", "resend", "1"),
        ("jobs", "run", "nothing"),
    ):
        refused = cli(*command, "--dry-run")
        assert refused.code == 1
        assert refused.line
    assert makers.snapshot(practice) == before


def test_a_session_that_has_begun_is_not_cancelled(
    cli: CommandLine, known: tuple[Actor, Actor], clock: MovableClock
) -> None:
    clock.move_to(makers.SOON)
    (booked,) = cli.json("appointments", "list")
    for party in ("client", "therapist"):
        refused = cli("appointments", "cancel", booked["id"], "--as", party, "--reason", "x", "-y")
        assert (refused.code, "has started" in refused.line) == (1, True)


def test_a_slot_that_somebody_is_booking_is_not_closed(
    cli: CommandLine, practice: Practice, therapist: Actor
) -> None:
    client = makers.add_client(practice, card=False)
    slot = makers.open_slot(practice, therapist)
    held = makers.hold(practice, client, slot)
    assert "just now" in cli("slots", "close", slot).line
    makers.open_page(practice, client, held.request_id)
    holds.card_completed(practice, held.request_id, cards.CardFound("pm", "visa", "4242", 12, 2030))
    assert "A session is booked" in cli("slots", "close", slot).line
