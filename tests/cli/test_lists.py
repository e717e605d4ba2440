"""What reading commands answer: the JSON names of `interface.md`, tables, and empty lists."""

from __future__ import annotations

import re

import pytest

from helpspace.core import booking, heartbeat, notices
from helpspace.core.actors import Actor
from helpspace.core.moments import DAY, iso
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Attempt, Intent, Ledger, Payment, Refund
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.cli.conftest import CommandLine

pytestmark = makers.ON_SQLITE

LISTS = (
    ("therapists", "list"),
    ("clients", "list"),
    ("slots", "list"),
    ("appointments", "list"),
    ("charges", "list"),
    ("refunds", "list"),
    ("notices", "list"),
    ("audit",),
)


@pytest.mark.parametrize("command", LISTS, ids=" ".join)
def test_an_empty_list_is_an_empty_array_and_tells_a_person_the_next_step(
    cli: CommandLine, command: tuple[str, ...]
) -> None:
    assert cli(*command, "--json").out == "[]\n"
    shown = cli(*command)
    assert shown.out == ""
    assert shown.line.endswith(".")
    assert shown.code == 0


def test_therapists(cli: CommandLine, practice: Practice, therapist: Actor) -> None:
    (found,) = cli.json("therapists", "list")
    assert found["id"] == therapist.id
    assert found["name"] == "Zoë O'Brien"
    assert found["visible"] is False
    assert found["why_hidden"] == ["no_bookable_slot"]
    assert found["initial_fee_pence"] == 6000
    makers.open_slot(practice, therapist)
    shown = cli.json("therapists", "show", therapist.id)
    assert shown["visible"] is True
    assert shown["why_hidden"] == []
    assert shown["next_step"] is None


def test_a_therapist_shows_the_next_step_of_joining_and_what_it_lacks(
    cli: CommandLine, practice: Practice
) -> None:
    applied = makers.add_therapist(practice, account=None)
    shown = cli.json("therapists", "show", applied.id)
    assert (shown["next_step"], shown["lacks"]) == ("application", ["not_approved"])
    ready = makers.add_therapist(practice)
    from helpspace.core.store.tables import Therapist

    makers.set_row(
        practice, Therapist, ready.id, payouts_enabled=0, requirements='["external_account"]'
    )
    shown = cli.json("therapists", "show", ready.id)
    assert (shown["next_step"], shown["stripe_asks"]) == ("payments", ["external_account"])
    assert "Stripe asks for your bank account" in cli("therapists", "show", ready.id).out
    makers.set_row(practice, Therapist, ready.id, payouts_enabled=1, course_done_at=None)
    shown = cli.json("therapists", "show", ready.id)
    assert shown["next_step"] == "publishing"
    assert shown["lacks"] == ["course_not_completed", "no_bookable_slot"]


def test_clients(cli: CommandLine, practice: Practice, client: Actor) -> None:
    (found,) = cli.json("clients", "list")
    assert (found["id"], found["name"], found["card"]) == (client.id, "Sam", "ok")
    shown = cli.json("clients", "show", client.id)
    assert shown["sessions_ahead"] == 0
    assert "chat" not in {key for key in shown if key != "by_chat"}
    assert "ending 4242" in cli("clients", "show", client.id).out


def test_slots(cli: CommandLine, practice: Practice, therapist: Actor) -> None:
    slot = makers.open_slot(practice, therapist, minutes=30)
    (found,) = cli.json("slots", "list")
    assert found == {
        "id": slot,
        "slot_id": slot,
        "therapist_id": therapist.id,
        "start": "2026-03-06T09:00:00Z",
        "end": "2026-03-06T09:30:00Z",
        "minutes": 30,
        "fee_pence": 6000,
        "state": "open",
    }


def test_slots_by_state_count_an_expired_hold_as_open(
    cli: CommandLine, practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    makers.hold(
        practice, makers.add_client(practice, card=False), makers.open_slot(practice, therapist)
    )
    assert [one["state"] for one in cli.json("slots", "list", "--state", "held")] == ["held"]
    clock.advance(33 * 60)
    assert cli.json("slots", "list", "--state", "held") == []
    assert [one["state"] for one in cli.json("slots", "list", "--state", "open")] == ["open"]


def test_past_slots_are_listed_only_when_asked_for(
    cli: CommandLine, practice: Practice, therapist: Actor, clock: MovableClock
) -> None:
    slot = makers.open_slot(practice, therapist)
    clock.advance(5 * DAY)
    assert cli.json("slots", "list") == []
    assert [one["id"] for one in cli.json("slots", "list", "--past")] == [slot]


def test_appointments(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = makers.session(practice, therapist, client)
    (found,) = cli.json("appointments", "list")
    wanted = {
        "id": booked.id,
        "therapist_id": therapist.id,
        "client_id": client.id,
        "slot_id": booked.slot_id,
        "kind": "initial",
        "start": "2026-03-06T09:00:00Z",
        "minutes": 50,
        "fee_pence": 6000,
        "owed_pence": 0,
        "state": "booked",
        "free_until": "2026-03-04T09:00:00Z",
        "payment": "scheduled",
        "card": "ok",
    }
    assert wanted.items() <= found.items()
    assert found["video_url"].startswith("https://video.example.org/")
    assert {"other_name", "other_contact"}.isdisjoint(found)


def test_appointments_by_person_state_and_time(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    first = makers.session(practice, therapist, client)
    makers.follow_up(practice, therapist, client, makers.SOON + 7 * DAY)
    booking.cancel(practice, client, first.id)
    assert len(cli.json("appointments", "list")) == 2
    assert len(cli.json("appointments", "list", "--state", "booked")) == 1
    assert len(cli.json("appointments", "list", "--client", client.id)) == 2
    assert cli("appointments", "list", "--client", "nobody").code == 1
    clock.advance(6 * DAY)
    assert len(cli.json("appointments", "list", "--ahead")) == 1


def test_an_appointment_shows_its_notices_in_their_order(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = makers.session(practice, therapist, client)
    booking.cancel(practice, client, booked.id)
    shown = cli.json("appointments", "show", booked.id)
    events = [one["event"] for one in shown["notices"]]
    assert events == sorted(events, key=["booked", "cancelled"].index)
    assert {one["party"] for one in shown["notices"]} == {"client", "therapist"}
    assert shown["state"] == "cancelled_by_client"


def _charged(practice: Practice, booked: str, *, refunded: bool) -> None:
    """Write what the settlement of a paid session leaves behind."""
    row = makers.appointment_of(practice, booked)
    with practice.change() as tx:
        for number, (stripe_id, state) in enumerate((("pi_1", "canceled"), ("pi_2", "succeeded"))):
            tx.insert(
                Intent, id=f"i{number}", appointment_id=booked, number=number, stripe_id=stripe_id,
                amount=row["fee"], commission=0, account="acct_1", customer="cus_1", state=state,
                created_at=tx.now,
            )  # fmt: skip
        tx.insert(
            Attempt, id="t1", intent_id="i1", number=1, card="pm_1", outcome="paid",
            started_at=tx.now,
        )  # fmt: skip
        status = "paid"
        for kind, stripe_id in (("charge", "pi_2"), *((("refund", "re_1"),) if refunded else ())):
            tx.insert(
                Ledger, at=tx.now, appointment_id=booked, therapist_id=row["therapist_id"],
                client_id=row["client_id"], kind=kind, amount=row["fee"], commission=0,
                stripe_id=stripe_id,
            )  # fmt: skip
        if refunded:
            status = "refunded"
            tx.insert(
                Refund, id="r1", intent_id="i1", number=1, stripe_id="re_1", amount=row["fee"],
                commission=0, state="succeeded", created_at=tx.now, ended_at=tx.now,
            )  # fmt: skip
        tx.run(Payment.update(status=status, next_at=None).where(Payment.appointment_id == booked))


def test_charges(cli: CommandLine, practice: Practice, therapist: Actor, client: Actor) -> None:
    booked = makers.session(practice, therapist, client)
    (found,) = cli.json("charges", "list")
    assert (found["payment"], found["owed_pence"], found["paid_pence"]) == ("scheduled", 0, 0)
    assert found["next_at"] == "2026-03-04T09:01:00Z"
    _charged(practice, booked.id, refunded=False)
    (found,) = cli.json("charges", "list")
    wanted = {
        "id": booked.id,
        "appointment_id": booked.id,
        "therapist_id": therapist.id,
        "client_id": client.id,
        "fee_pence": 6000,
        "paid_pence": 6000,
        "payment": "paid",
        "payment_intent": "pi_2",
        "payment_intents": ["pi_1", "pi_2"],
        "next_at": None,
    }
    assert wanted.items() <= found.items()
    assert cli.json("charges", "list", "--payment", "failed") == []
    assert cli("charges", "list", "--client", "nobody").code == 1


def test_a_charge_is_due_once_the_decision_window_has_begun(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    makers.session(practice, therapist, client)
    assert cli.json("charges", "list", "--payment", "due") == []
    clock.move_to(makers.SOON - 2 * DAY + 1)
    (found,) = cli.json("charges", "list", "--payment", "due")
    assert found["owed_pence"] == 6000
    assert cli.json("charges", "list", "--payment", "scheduled") == []


def test_free_sessions_are_no_charges(cli: CommandLine, practice: Practice, client: Actor) -> None:
    therapist = makers.add_therapist(practice, initial_fee=0)
    makers.session(practice, therapist, client)
    assert cli.json("charges", "list") == []


def test_refunds(cli: CommandLine, practice: Practice, therapist: Actor, client: Actor) -> None:
    booked = makers.session(practice, therapist, client)
    _charged(practice, booked.id, refunded=True)
    (found,) = cli.json("refunds", "list")
    wanted = {
        "id": "r1",
        "appointment_id": booked.id,
        "amount_pence": 6000,
        "state": "succeeded",
        "refund": "re_1",
        "payment_intent": "pi_2",
    }
    assert wanted.items() <= found.items()
    assert cli.json("refunds", "list", "--state", "failed") == []
    (charge,) = cli.json("charges", "list", "--payment", "refunded")
    assert charge["paid_pence"] == 0


def test_notices(cli: CommandLine, practice: Practice, therapist: Actor, client: Actor) -> None:
    booked = makers.session(practice, therapist, client)
    found = cli.json("notices", "list", "--appointment", booked.id)
    assert {one["event"] for one in found} == {"booked"}
    assert {one["state"] for one in found} == {"pending"}
    assert {"words", "address", "email"}.isdisjoint(found[0])
    assert [int(one["id"]) for one in found] == sorted(
        (int(one["id"]) for one in found), reverse=True
    )
    assert cli.json("notices", "list", "--state", "failed") == []


def test_failed_notices_are_queued_again_all_or_none(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    makers.session(practice, therapist, client)
    errands = notices.claim(practice, "sender")
    for errand in errands:
        notices.failed(practice, errand, "smtp_550", for_good=True)
    ids = [one["id"] for one in cli.json("notices", "list", "--state", "failed")]
    before = makers.snapshot(practice)
    assert cli("notices", "resend", ids[0], "99999").code == 1
    assert makers.snapshot(practice) == before
    assert cli.json("notices", "resend", *ids) == [{"id": one, "state": "pending"} for one in ids]
    assert cli.json("notices", "list", "--state", "failed") == []


def test_all_failed_notices_are_sent_again_at_once(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    makers.session(practice, therapist, client)
    assert cli.json("notices", "resend", "--all-failed") == []
    assert cli("notices", "resend", "--all-failed").err.startswith("There is no failed notice")
    for errand in notices.claim(practice, "test"):
        notices.failed(practice, errand, "smtp_550", for_good=True)
    ids = {one["id"] for one in cli.json("notices", "list", "--state", "failed")}
    assert len(ids) > 1
    wrong = cli("notices", "resend"), cli("notices", "resend", "--all-failed", *ids)
    assert [(one.code, "--all-failed" in one.err) for one in wrong] == [(2, True)] * 2
    assert {one["id"] for one in cli.json("notices", "resend", "--all-failed")} == ids
    assert cli.json("notices", "list", "--state", "failed") == []


def test_jobs_show_their_last_run(cli: CommandLine, practice: Practice) -> None:
    heartbeat.record(practice, "holds", practice.now(), 3, None)
    heartbeat.record(practice, "charges", practice.now(), 0, "stripe_unheard")
    found = {one["name"]: one for one in cli.json("jobs", "list")}
    names = {
        "charges", "refunds", "reminders", "delivery", "holds", "stripe-events", "accounts",
        "proofs", "housekeeping",
    }  # fmt: skip
    assert names <= set(found)
    assert found["holds"]["did"] == 3
    assert found["holds"]["began_at"] == iso(makers.NOW)
    assert found["charges"]["error"] == "stripe_unheard"
    assert found["proofs"]["began_at"] is None
    assert "stripe_unheard" in cli("jobs", "list").out


def test_the_trail_is_filtered(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor, clock: MovableClock
) -> None:
    booked = makers.session(practice, therapist, client)
    clock.advance(DAY)
    cli("appointments", "cancel", booked.id, "--as", "client", "--reason", "by phone", "--yes")
    newest = cli.json("audit", "--limit", "1")[0]
    assert (newest["act"], newest["thing"], newest["thing_id"]) == (
        "cancel", "appointment", booked.id,
    )  # fmt: skip
    assert (newest["role"], newest["actor_id"]) == ("client", client.id)
    assert newest["by_whom"].startswith("team:")
    assert newest["why"] == "by phone"
    assert newest["detail"]["owed"] == 0
    acts = [one["act"] for one in cli.json("audit", "--thing", booked.id)]
    assert acts == ["cancel", "book"]
    assert {one["thing"] for one in cli.json("audit", "--thing", "slot")} == {"slot"}
    assert {one["act"] for one in cli.json("audit", "--act", "book")} == {"book"}
    assert len(cli.json("audit", "--actor", newest["by_whom"])) == 1
    assert {one["actor_id"] for one in cli.json("audit", "--actor", therapist.id)} == {therapist.id}
    assert len(cli.json("audit", "--since", "2026-03-03T08:00")) == 1


def test_times_are_uk_time_unless_utc_is_asked_for(
    cli: CommandLine, practice: Practice, therapist: Actor
) -> None:
    makers.open_slot(practice, therapist, 1_782_896_400)  # 1 July 2026, 09:00 UTC
    assert "Wed 1 Jul 10:00–10:50" in cli("slots", "list").out
    assert "Wed 1 Jul 09:00–09:50" in cli("slots", "list", "--utc").out


def test_a_cut_list_says_so(cli: CommandLine, practice: Practice, therapist: Actor) -> None:
    for day in range(3):
        makers.open_slot(practice, therapist, makers.SOON + day * DAY)
    cut = cli("slots", "list", "--limit", "2", "--json")
    assert len(cut.json) == 2
    assert "--limit" in cut.line


def test_every_number_and_time_in_json_has_its_shape(
    cli: CommandLine, practice: Practice, therapist: Actor, client: Actor
) -> None:
    booked = makers.session(practice, therapist, client)
    _charged(practice, booked.id, refunded=True)
    for command in LISTS:
        for thing in cli.json(*command):
            assert isinstance(thing["id"], str)
            for name, value in thing.items():
                if name.endswith("_pence"):
                    assert isinstance(value, int)
                if name in ("start", "end", "at", "free_until") or name.endswith("_at"):
                    assert value is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", value)
