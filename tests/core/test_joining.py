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
from helpspace.core.moments import DAY
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Document, Notice, Verdict
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


def returned(room: Practice, one: str, rejected: str, *parts: str) -> None:
    """Reject a part, accept others, and return the application."""
    judge(room, one, rejected, "not this one")
    for part in parts:
        judge(room, one, part)
    review.return_(room, TEAM, one, version=version(room, one))


def test_j4_what_nobody_judged_stays_as_it_was_handed_in(room: Practice) -> None:
    """Only the rejected file is open; the others are neither replaced, nor taken away, nor joined
    by further ones, and nothing of the attempt is left behind."""
    one = fill_in(room)
    own = Actor.therapist(one)
    submit(room, one)
    returned(room, one, part_of(room, one, "insurance"))
    seen = application.application(room, own, one)
    assert seen.open == ("insurance",)
    assert seen.scope.kinds == ("insurance",)
    assert seen.scope.documents == (seen.of_kind("insurance")[0].id,)
    before, folder = all_rows(room, Document), set(room.settings.files.iterdir())
    for kind, raw in (("picture", picture()), ("qualification", PDF)):
        with pytest.raises(NotAllowed, match="came back"):
            hand_in(room, one, kind, raw)
        with pytest.raises(NotAllowed, match="came back"):
            documents.check_hand_in(room, own, one, kind, raw)
        mine = seen.of_kind(kind)[0].id
        with pytest.raises(NotAllowed, match="did not come back"):
            documents.take_away(room, own, one, mine, version=version(room, one))
    assert (all_rows(room, Document), set(room.settings.files.iterdir())) == (before, folder)


def test_j4_a_rejected_file_is_mended_as_often_as_it_takes(room: Practice) -> None:
    """What came in its place may be replaced or taken away again, until it is handed in."""
    one = fill_in(room)
    own = Actor.therapist(one)
    submit(room, one)
    returned(room, one, part_of(room, one, "picture"))
    hand_in(room, one, "picture", picture(200))
    hand_in(room, one, "picture", picture(220))
    there = application.application(room, own, one).of_kind("picture")[0].id
    documents.take_away(room, own, one, there, version=version(room, one))
    seen = application.application(room, own, one)
    assert [lack.field for lack in seen.lacks] == ["picture"]
    assert seen.scope.kinds == ("picture",)
    hand_in(room, one, "picture", picture(240))
    submit(room, one)
    assert all_rows(room, Verdict) == []
    with pytest.raises(NotAllowed, match="with the team"):
        hand_in(room, one, "picture", picture())


def test_j4_of_several_files_of_a_kind_only_the_rejected_one_goes(room: Practice) -> None:
    """Taking it away first does not shut the door on the one in its place."""
    one = fill_in(room)
    own = Actor.therapist(one)
    hand_in(room, one, "qualification", PDF + b"\n", "second")
    submit(room, one)
    first, second = application.application(room, own, one).of_kind("qualification")
    returned(room, one, f"document:{second.id}")
    with pytest.raises(NotAllowed, match="did not come back"):
        documents.take_away(room, own, one, first.id, version=version(room, one))
    documents.take_away(room, own, one, second.id, version=version(room, one))
    room.clock.advance(60)
    hand_in(room, one, "qualification", PDF + b"\n\n", "third")
    seen = application.application(room, own, one)
    third = next(each for each in seen.of_kind("qualification") if each.id != first.id)
    assert seen.scope.documents == (third.id,)
    documents.take_away(room, own, one, third.id, version=version(room, one))
    submit(room, one)
    left = application.application(room, own, one).of_kind("qualification")
    assert [each.id for each in left] == [first.id]


def test_j4_a_page_that_the_team_named_is_open_with_its_files(room: Practice) -> None:
    """All but what was accepted: a further certificate can be asked for in words."""
    one = fill_in(room)
    own = Actor.therapist(one)
    submit(room, one)
    good = part_of(room, one, "qualification")
    returned(room, one, "topic:qualifications", good)
    seen = application.application(room, own, one)
    assert (seen.scope.answers, seen.scope.kinds) == (("qualifications",), ("qualification",))
    assert seen.scope.documents == ()
    hand_in(room, one, "qualification", PDF + b"\n", "second")
    said = {"qualifications": "Diploma, Leeds, 2014\nMA, York, 2019"}
    application.save(room, own, one, "qualifications", said, version=version(room, one))
    with pytest.raises(NotAllowed, match="did not come back"):
        documents.take_away(
            room, own, one, good.removeprefix("document:"), version=version(room, one)
        )
    submit(room, one)


def test_j4_a_named_page_with_a_file_nobody_judged(room: Practice) -> None:
    """The certificate of a page that came back is replaced with its date."""
    one = fill_in(room)
    submit(room, one)
    returned(room, one, "topic:insurance")
    hand_in(room, one, "insurance", PDF + b"\n")
    submit(room, one)


def test_j4_answers_beside_a_rejected_file_stay_if_they_were_accepted(room: Practice) -> None:
    one = fill_in(room)
    own = Actor.therapist(one)
    submit(room, one)
    returned(room, one, part_of(room, one, "insurance"), "topic:insurance")
    seen = application.application(room, own, one)
    assert (seen.open, seen.scope.answers) == (("insurance",), ())
    with pytest.raises(NotAllowed, match="accepted"):
        application.save(room, own, one, "insurance", {"insurer": "x"}, version=seen.version)


def test_j4_what_has_ended_since_can_be_mended_too(room: Practice) -> None:
    """Else an application that came back late could be neither mended nor handed in."""
    one = fill_in(room)
    own = Actor.therapist(one)
    submit(room, one)
    accepted = [part_of(room, one, kind) for kind in ("insurance", "qualification")]
    returned(room, one, part_of(room, one, "picture"), *accepted, "topic:insurance")
    assert application.application(room, own, one).open == ("picture",)
    room.clock.advance(366 * DAY)
    seen = application.application(room, own, one)
    assert seen.open == ("body", "insurance", "picture")
    later = answers(room)
    for topic in ("body", "insurance"):
        application.save(room, own, one, topic, later[topic], version=version(room, one))
    hand_in(room, one, "picture", picture(200))
    submit(room, one)


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
