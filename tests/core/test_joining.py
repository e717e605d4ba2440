"""An application's way: begun, saved, handed in, returned, mended, approved (J1–J4)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from helpspace.core import profiles
from helpspace.core.actors import Actor
from helpspace.core.errors import Changed, Invalid, NotAllowed, NotFound
from helpspace.core.joining import application, documents, review
from helpspace.core.joining.progress import joining
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Document, Notice
from tests.core.applicants import (
    EMAIL,
    NAME,
    PDF,
    TEAM,
    accept_all,
    answers,
    approve,
    fill_in,
    hand_in,
    picture,
    submit,
    version,
)
from tests.makers import add_therapist, all_rows


@pytest.fixture
def room(practice: Practice, tmp_path: Path) -> Practice:
    """A practice with a folder of its own for files."""
    settings = replace(practice.settings, files=tmp_path / "files")
    return replace(practice, settings=settings)


def judge(room: Practice, therapist_id: str, part: str, reason: str = "") -> int:
    return review.judge(
        room, TEAM, therapist_id, part, accepted=not reason, reason=reason,
        version=version(room, therapist_id),
    )  # fmt: skip


def part_of(room: Practice, therapist_id: str, kind: str) -> str:
    return f"document:{application.application(room, TEAM, therapist_id).of_kind(kind)[0].id}"


def events(room: Practice) -> list[str]:
    return [str(row["event"]) for row in all_rows(room, Notice)]


def test_j1_every_step_says_what_it_lacks(room: Practice) -> None:
    one = application.begin(room, NAME, EMAIL)
    seen = application.application(room, TEAM, one)
    assert (seen.state, seen.name) == ("draft", NAME)
    assert {lack.topic for lack in seen.lacks} == {
        "about", "qualifications", "body", "supervision", "insurance", "picture", "style", "notice",
        "declaration",
    }  # fmt: skip
    assert all(lack.line.endswith(".") for lack in seen.lacks)
    assert joining(room, TEAM, one).step == "application"


def test_j2_a_draft_is_kept_as_it_was_typed(room: Practice) -> None:
    one = application.begin(room, NAME, EMAIL)
    own = Actor.therapist(one)
    seen = application.application(room, own, one).version
    later = application.save(room, own, one, "body", {"number": "\x1b]52;c;x\x07 12"}, version=seen)
    assert later == seen + 1
    kept = application.application(room, own, one).answers["body"]
    assert kept == {"number": "]52;c;x 12"}
    assert application.save(room, own, one, "body", kept, version=later) == later


def test_j2_nothing_is_handed_in_before_it_is_complete(room: Practice) -> None:
    one = application.begin(room, NAME, EMAIL)
    with pytest.raises(Invalid, match="not complete"):
        submit(room, one)
    one = fill_in_as(room, "other@example.org")
    submit(room, one)
    assert application.application(room, TEAM, one).state == "submitted"


def fill_in_as(room: Practice, email: str) -> str:
    one = application.begin(room, NAME, email)
    own = Actor.therapist(one)
    for topic, texts in answers(room).items():
        given = texts | {"email": email} if topic == "about" else texts
        application.save(room, own, one, topic, given, version=version(room, one))
    for kind, raw in (("qualification", PDF), ("insurance", PDF), ("picture", picture())):
        hand_in(room, one, kind, raw)
    return one


def test_j4_only_what_came_back_is_mended(room: Practice) -> None:
    one = fill_in(room)
    own = Actor.therapist(one)
    submit(room, one)
    with pytest.raises(NotAllowed, match="with the team"):
        application.save(room, own, one, "body", {"number": "1"}, version=version(room, one))
    accept_all(room, one)
    bad = part_of(room, one, "insurance")
    judge(room, one, bad, "It ended last month")
    review.return_(room, TEAM, one, "Nearly there.", version=version(room, one))

    seen = application.application(room, own, one)
    assert (seen.state, seen.reason, seen.open) == ("returned", "Nearly there.", ("insurance",))
    assert seen.verdicts[bad].reason == "It ended last month"
    with pytest.raises(NotAllowed, match="accepted"):
        application.save(room, own, one, "body", {"number": "1"}, version=seen.version)
    with pytest.raises(Invalid, match="not accepted"):
        submit(room, one)
    hand_in(room, one, "insurance", PDF + b"\n")
    submit(room, one)
    seen = application.application(room, own, one)
    assert bad not in seen.verdicts
    judge(room, one, part_of(room, one, "insurance"))
    review.approve(room, TEAM, one, version=version(room, one))
    assert application.application(room, own, one).state == "approved"
    assert events(room) == [
        "application_received", "application_returned", "application_received",
        "application_approved",
    ]  # fmt: skip


def test_j4_approval_needs_every_document_and_the_register(room: Practice) -> None:
    one = fill_in(room)
    submit(room, one)
    with pytest.raises(NotAllowed, match="cannot be approved yet"):
        review.approve(room, TEAM, one, version=version(room, one))
    accept_all(room, one)
    judge(room, one, "topic:body", "No such number")
    with pytest.raises(NotAllowed, match="cannot be approved yet") as told:
        review.approve(room, TEAM, one, version=version(room, one))
    assert "No such number" in told.value.hint
    judge(room, one, "topic:body")
    review.approve(room, TEAM, one, version=version(room, one))
    assert joining(room, TEAM, one).step == "payments"


def test_j4_two_of_the_team_cannot_overwrite_each_other(room: Practice) -> None:
    one = fill_in(room)
    submit(room, one)
    seen = version(room, one)
    part = part_of(room, one, "insurance")
    review.judge(room, TEAM, one, part, accepted=True, version=seen)
    with pytest.raises(Changed, match="has changed"):
        review.judge(room, Actor.team("bob"), one, part, accepted=False, reason="no", version=seen)
    assert application.application(room, TEAM, one).verdicts[part].accepted


def test_p1_approval_takes_the_profile_over_and_dates_the_proofs(room: Practice) -> None:
    one = fill_in(room)
    submit(room, one)
    approve(room, one)
    view = profiles.therapist(room, TEAM, one)
    assert (view.status, view.notice_s, view.contact) == ("approved", 86400, "020 7946 0000")
    assert set(view.why_hidden) == {
        "payments_not_enabled", "course_not_completed", "no_bookable_slot"
    }  # fmt: skip


def test_a1_nobody_else_sees_or_changes_an_application(room: Practice) -> None:
    one, other = fill_in(room), add_therapist(room).id
    seen = version(room, one)
    file_id = application.application(room, TEAM, one).documents[0].id
    stranger = Actor.therapist(other)
    for act in (
        lambda: application.application(room, stranger, one),
        lambda: application.save(room, stranger, one, "body", {"number": "1"}, version=seen),
        lambda: application.submit(room, stranger, one, version=seen),
        lambda: documents.hand_in(room, stranger, one, "insurance", "x", PDF, version=seen),
        lambda: documents.take_away(room, stranger, one, file_id, version=seen),
        lambda: documents.look_at(room, stranger, file_id),
        lambda: application.application(room, Actor.client(one), one),
    ):
        with pytest.raises(NotFound):
            act()
    with pytest.raises(NotAllowed):
        review.applications(room, stranger)
    assert version(room, one) == seen


def test_d7_files_lie_encrypted_and_leave_nothing_behind(room: Practice) -> None:
    one = fill_in(room)
    folder = room.settings.files
    kept = sorted(path.name for path in folder.iterdir())
    assert kept == sorted(row["id"] for row in all_rows(room, Document))
    assert all(PDF[:20] not in path.read_bytes() for path in folder.iterdir())
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}
    assert folder.stat().st_mode & 0o777 == 0o700
    first = application.application(room, TEAM, one).of_kind("qualification")[0]
    assert documents.look_at(room, TEAM, first.id) == ("pdf", PDF)
    hand_in(room, one, "insurance", PDF + b"\n")
    documents.take_away(room, Actor.therapist(one), one, first.id, version=version(room, one))
    there = {path.name for path in folder.iterdir()}
    assert there == {one.id for one in application.application(room, TEAM, one).documents}


def test_d2_an_upload_that_is_refused_keeps_draft_and_folder(room: Practice) -> None:
    one = fill_in(room)
    before = sorted(path.name for path in room.settings.files.iterdir())
    with pytest.raises(Changed):
        documents.hand_in(room, Actor.therapist(one), one, "insurance", "x", PDF, version=1)
    with pytest.raises(Invalid):
        hand_in(room, one, "insurance", b"nonsense")
    assert sorted(path.name for path in room.settings.files.iterdir()) == before


def test_p1_suspending_hides_and_reinstating_shows(room: Practice) -> None:
    one = add_therapist(room).id
    review.suspend(room, TEAM, one, "complaint")
    assert "suspended" in profiles.therapist(room, TEAM, one).why_hidden
    with pytest.raises(NotAllowed):
        review.suspend(room, TEAM, one, "again")
    review.reinstate(room, TEAM, one, "settled")
    assert "suspended" not in profiles.therapist(room, TEAM, one).why_hidden
