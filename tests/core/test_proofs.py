"""Proofs that end: told once at each step, hidden at the end, renewed by the team's word (J7)."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest

from helpspace.core import moments, profiles, proofs
from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError, Invalid, NotAllowed, NotFound
from helpspace.core.joining import application, documents, renewal, review
from helpspace.core.moments import DAY, HOUR, LONDON
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Application, Appointment, Document, Notice, Therapist
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.core import applicants
from tests.core.applicants import PDF, TEAM, approve, fill_in, submit
from tests.makers import NOW, ON_SQLITE, add_therapist, all_rows, row, set_row


@pytest.fixture
def room(practice: Practice, tmp_path: Path) -> Practice:
    """A practice with a folder of its own for files."""
    settings = replace(practice.settings, files=tmp_path / "files")
    return replace(practice, settings=settings)


@pytest.fixture
def zoe(room: Practice) -> Actor:
    """An approved counsellor."""
    one = fill_in(room)
    submit(room, one)
    approve(room, one)
    return Actor.therapist(one)


def ends(room: Practice, who: Actor, insured: int, registered: int) -> None:
    """Let the proofs end so many days from the start of the tests' clock."""
    until = {"insured_until": NOW + insured * DAY, "registered_until": NOW + registered * DAY}
    set_row(room, Application, who.id, **until)
    set_row(room, Therapist, who.id, proofs_until=min(until.values()))


def told(room: Practice) -> list[tuple[str, str]]:
    """What was told of proofs: event, and proof with the days ahead."""
    found = []
    for one in sorted(all_rows(room, Notice), key=lambda one: one["seq"]):
        if one["event"].startswith("proof_ex"):
            facts = json.loads(one["facts"])
            found.append((one["event"], f"{facts['proof']} {facts['days']}"))
    return found


@ON_SQLITE
def test_j7_each_proof_is_told_once_at_each_step(
    room: Practice, zoe: Actor, clock: MovableClock
) -> None:
    ends(room, zoe, 40, 47)
    for _ in range(60 * 4):
        proofs.sweep(room)
        proofs.sweep(room)
        clock.advance(6 * HOUR)
    assert told(room) == [
        ("proof_expiring", "insurance 30"),
        ("proof_expiring", "registration 30"),
        ("proof_expiring", "insurance 14"),
        ("proof_expiring", "registration 14"),
        ("proof_expiring", "insurance 3"),
        ("proof_expired", "insurance 0"),
        ("proof_expiring", "registration 3"),
        ("proof_expired", "registration 0"),
    ]


@ON_SQLITE
@pytest.mark.parametrize(("step", "days"), [(30, 30), (14, 14), (3, 3), (0, 0)])
def test_j7_to_the_second(
    room: Practice, zoe: Actor, clock: MovableClock, step: int, days: int
) -> None:
    ends(room, zoe, 90, 300)
    clock.move_to(NOW + (90 - days) * DAY - 1)
    proofs.sweep(room)
    assert ("proof_expiring" if step else "proof_expired", f"insurance {step}") not in told(room)
    assert "proofs_expired" not in profiles.therapist(room, TEAM, zoe.id).why_hidden
    clock.advance(1)
    proofs.sweep(room)
    event = "proof_expiring" if step else "proof_expired"
    assert told(room)[-1] == (event, f"insurance {step}")
    why = profiles.therapist(room, TEAM, zoe.id).why_hidden
    assert ("proofs_expired" in why) == (step == 0)


@ON_SQLITE
def test_j7_after_a_long_rest_only_the_nearest_step_is_told(
    room: Practice, zoe: Actor, clock: MovableClock
) -> None:
    ends(room, zoe, 40, 300)
    clock.move_to(NOW + 35 * DAY)
    assert (proofs.sweep(room), proofs.sweep(room)) == (1, 0)
    assert told(room) == [("proof_expiring", "insurance 14")]
    clock.move_to(NOW + 41 * DAY)
    proofs.sweep(room)
    clock.move_to(NOW + 90 * DAY)
    proofs.sweep(room)
    assert told(room)[1:] == [("proof_expired", "insurance 0")]


@ON_SQLITE
def test_j7_who_was_entered_without_an_application_is_told_too(
    room: Practice, clock: MovableClock
) -> None:
    add_therapist(room, proofs_until=NOW + 10 * DAY)
    add_therapist(room, proofs_until=NOW + 300 * DAY)
    add_therapist(room, proofs_until=None)
    proofs.sweep(room)
    assert told(room) == [("proof_expiring", "proof 14")]


@ON_SQLITE
def test_j7_existing_clients_go_on_when_a_proof_has_ended(
    room: Practice, clock: MovableClock
) -> None:
    sam = add_therapist(room, proofs_until=NOW + 2 * DAY)
    client, new = makers.add_client(room), makers.add_client(room)
    session = makers.session(room, sam, client, makers.SOON)
    later = makers.open_slot(room, sam, makers.SOON + DAY)
    clock.move_to(NOW + 2 * DAY)
    proofs.sweep(room)
    assert row(room, Appointment, session.id)["state"] == "booked"
    with pytest.raises(HelpspaceError, match="No space"):
        makers.book(room, new, later)
    assert makers.follow_up(room, sam, client, makers.SOON + 2 * DAY).state == "booked"


def date_in(room: Practice, days: int) -> str:
    return (moments.local_date(room.now(), LONDON) + timedelta(days=days)).isoformat()


def waiting(room: Practice) -> list[renewal.RenewalView]:
    return renewal.renewals(room, TEAM)


def test_j7_a_new_certificate_counts_once_the_team_accepts_it(
    room: Practice, zoe: Actor, clock: MovableClock
) -> None:
    """The application stays approved; the old proof counts, and ends, until then."""
    ends(room, zoe, 20, 300)
    old = application.application(room, TEAM, zoe.id).of_kind("insurance")[0].id
    new = PDF + b"\n\n\n"
    one = renewal.renew(
        room, zoe, zoe.id, "insurance", date_in(room, 400), insurer="New Calm", name="n.pdf",
        raw=new,
    )  # fmt: skip
    (seen,) = waiting(room)
    assert (seen.id, seen.proof, seen.state, seen.file) == (one, "insurance", "waiting", "n.pdf")
    assert seen.answers["insurer"] == "New Calm"
    assert renewal.look_at(room, TEAM, one) == ("pdf", new)
    assert documents.look_at(room, TEAM, old) == ("pdf", PDF)
    assert row(room, Application, zoe.id)["insured_until"] == NOW + 20 * DAY
    clock.move_to(NOW + 21 * DAY)
    assert "proofs_expired" in profiles.therapist(room, TEAM, zoe.id).why_hidden

    renewal.judge(room, TEAM, one, accepted=True)
    assert waiting(room) == []
    assert "proofs_expired" not in profiles.therapist(room, TEAM, zoe.id).why_hidden
    kept = row(room, Application, zoe.id)
    assert kept["state"] == "approved"
    assert kept["insured_until"] == seen.until
    assert row(room, Therapist, zoe.id)["proofs_until"] == NOW + 300 * DAY
    app = application.application(room, TEAM, zoe.id)
    assert app.answers["insurance"] == {"insurer": "New Calm", "insured_until": seen.answers[
        "insured_until"]}  # fmt: skip
    (document,) = app.of_kind("insurance")
    assert documents.look_at(room, TEAM, document.id) == ("pdf", new)
    assert app.verdicts[f"document:{document.id}"].accepted
    assert app.lacks == ()
    there = {path.name for path in room.settings.files.iterdir()}
    assert there == {one.id for one in app.documents}
    assert [n["event"] for n in all_rows(room, Notice)][-1] == "proof_accepted"
    proofs.sweep(room)
    assert told(room) == []


def test_j7_a_longer_registration_is_looked_up_by_who_accepts_it(
    room: Practice, zoe: Actor, clock: MovableClock
) -> None:
    ends(room, zoe, 300, 20)
    clock.advance(DAY)
    one = renewal.renew(room, zoe, zoe.id, "registration", date_in(room, 380))
    with pytest.raises(NotFound):
        renewal.look_at(room, TEAM, one)
    renewal.judge(room, Actor.team("bob"), one, accepted=True)
    kept = row(room, Application, zoe.id)
    assert (kept["checked_by"], kept["checked_at"]) == ("bob", clock.now())
    assert kept["recheck_at"] == clock.now() + review.RECHECK
    assert row(room, Therapist, zoe.id)["proofs_until"] == NOW + 300 * DAY
    assert not [path for path in room.settings.files.iterdir() if path.name == one]


@ON_SQLITE
def test_j7_what_is_rejected_changes_nothing_and_says_why(room: Practice, zoe: Actor) -> None:
    ends(room, zoe, 20, 300)
    before = len(list(room.settings.files.iterdir()))
    one = renewal.renew(room, zoe, zoe.id, "insurance", date_in(room, 400), raw=PDF + b"\n\n")
    with pytest.raises(Invalid, match="needs a reason"):
        renewal.judge(room, TEAM, one, accepted=False)
    renewal.judge(room, TEAM, one, accepted=False, reason="It cannot be read")
    (seen,) = renewal.renewals(room, zoe, therapist_id=zoe.id, waiting=False)
    assert (seen.state, seen.reason, seen.by_whom) == ("rejected", "It cannot be read", TEAM.id)
    assert row(room, Application, zoe.id)["insured_until"] == NOW + 20 * DAY
    assert len(list(room.settings.files.iterdir())) == before
    with pytest.raises(NotAllowed, match="decided already"):
        renewal.judge(room, TEAM, one, accepted=True)


@ON_SQLITE
def test_j7_a_second_one_takes_the_place_of_what_waits(room: Practice, zoe: Actor) -> None:
    ends(room, zoe, 20, 300)
    first = renewal.renew(room, zoe, zoe.id, "insurance", date_in(room, 400), raw=PDF + b"\n")
    before = len(list(room.settings.files.iterdir()))
    second = renewal.renew(room, zoe, zoe.id, "insurance", date_in(room, 401), raw=PDF + b"\n\n")
    assert [one.id for one in waiting(room)] == [second]
    assert len(list(room.settings.files.iterdir())) == before
    with pytest.raises(NotFound):
        renewal.look_at(room, TEAM, first)
    with pytest.raises(NotAllowed):
        renewal.judge(room, TEAM, first, accepted=True)


@ON_SQLITE
@pytest.mark.parametrize(
    ("proof", "until", "raw", "told_as"),
    [
        ("insurance", "2028-01-01", None, "certificate is missing"),
        ("insurance", "2028-01-01", b"nonsense", "PDF"),
        ("insurance", "soon", PDF, "date will not do"),
        ("insurance", "2026-03-01", PDF, "date will not do"),
        ("insurance", "2026-03-04", PDF, "no later"),
        ("registration", "2400-01-01", None, "date will not do"),
        ("driving", "2028-01-01", None, "no such proof"),
    ],
)
def test_j3_a_bad_renewal_is_refused_in_one_line_and_leaves_nothing(
    room: Practice, zoe: Actor, proof: str, until: str, raw: bytes | None, told_as: str
) -> None:
    ends(room, zoe, 20, 300)
    before = makers.snapshot(room)
    files = sorted(path.name for path in room.settings.files.iterdir())
    with pytest.raises(Invalid, match=told_as) as refused:
        renewal.renew(room, zoe, zoe.id, proof, until, raw=raw)  # type: ignore[arg-type]
    assert "\n" not in str(refused.value)
    assert makers.snapshot(room) == before
    assert sorted(path.name for path in room.settings.files.iterdir()) == files


@ON_SQLITE
def test_a1_renewals_are_for_their_counsellor_and_the_team(room: Practice, zoe: Actor) -> None:
    ends(room, zoe, 20, 300)
    other = add_therapist(room)
    one = renewal.renew(room, zoe, zoe.id, "insurance", date_in(room, 400), raw=PDF + b"\n")
    for stranger in (other, Actor.client("nobody")):
        for act in (
            lambda who: renewal.renew(room, who, zoe.id, "registration", date_in(room, 400)),
            lambda who: renewal.renewals(room, who, therapist_id=zoe.id),
            lambda who: renewal.look_at(room, who, one),
        ):
            with pytest.raises(NotFound):
                act(stranger)
        with pytest.raises(NotAllowed):
            renewal.judge(room, stranger, one, accepted=True)
        with pytest.raises(NotAllowed):
            renewal.renewals(room, stranger)
    with pytest.raises(NotAllowed):
        renewal.judge(room, zoe, one, accepted=True)
    with pytest.raises(NotFound):
        renewal.renew(room, other, other.id, "registration", date_in(room, 400))


@ON_SQLITE
def test_j7_before_approval_the_application_is_the_place(room: Practice) -> None:
    one = fill_in(room)
    with pytest.raises(NotAllowed, match="not approved yet"):
        renewal.renew(room, Actor.therapist(one), one, "registration", date_in(room, 400))


@ON_SQLITE
def test_j3_files_that_wait_are_not_swept_away(room: Practice, zoe: Actor) -> None:
    ends(room, zoe, 20, 300)
    one = renewal.renew(room, zoe, zoe.id, "insurance", date_in(room, 400), raw=PDF + b"\n")
    far = replace(room, clock=MovableClock(4_000_000_000))
    assert documents.sweep(far) == 0
    assert renewal.look_at(room, TEAM, one)[0] == "pdf"
    assert len(all_rows(room, Document)) == 3
    assert waiting(room)[0].name == applicants.NAME
