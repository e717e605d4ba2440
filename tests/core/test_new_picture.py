"""A new profile picture after the approval: it waits for the team, then takes over (J3, J4)."""

from __future__ import annotations

from dataclasses import replace
from importlib import import_module
from pathlib import Path

import pytest

from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotAllowed, NotFound, StoreFault
from helpspace.core.files.box import Box
from helpspace.core.joining import application, documents, pictures, renewal
from helpspace.core.practice import Practice
from helpspace.core.store import migrate
from helpspace.core.store.dialect import run_script
from helpspace.core.store.tables import Application, Document, Notice, Renewal, Therapist, Verdict
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.core.applicants import PDF, TEAM, approve, fill_in, picture, submit
from tests.makers import ON_SQLITE, add_therapist, all_rows, row


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


def events(room: Practice) -> list[str]:
    rows = sorted(all_rows(room, Notice), key=lambda one: one["seq"])
    return [one["event"] for one in rows if one["event"].startswith("proof")]


def files(room: Practice) -> set[str]:
    return {path.name for path in room.settings.files.iterdir()}


def test_j4_a_new_picture_waits_beside_the_one_that_clients_see(room: Practice, zoe: Actor) -> None:
    """Until the team's word; then it is shown, the old one is gone, the mail is written once."""
    old = pictures.picture_of(room, zoe.id)
    one = renewal.renew_picture(room, zoe, zoe.id, "Me [/b] new.png", picture(400, "PNG"))
    (seen,) = renewal.renewals(room, TEAM)
    assert (seen.id, seen.proof, seen.state, seen.until) == (one, "picture", "waiting", None)
    assert seen.file == "Me [/b] new.png"
    assert pictures.picture_of(room, zoe.id) == old
    kind, content = renewal.look_at(room, TEAM, one)
    assert kind == "png"
    dates = ("insured_until", "registered_until", "checked_at", "answers_sealed", "state")
    before = {name: row(room, Application, zoe.id)[name] for name in dates}
    until = row(room, Therapist, zoe.id)["proofs_until"]

    renewal.judge(room, TEAM, one, accepted=True)
    now = pictures.picture_of(room, zoe.id)
    assert now is not None
    assert now != old
    assert documents.look_at(room, zoe, now.id) == ("png", content)
    assert {name: row(room, Application, zoe.id)[name] for name in dates} == before
    assert row(room, Therapist, zoe.id)["proofs_until"] == until
    seen_now = application.application(room, TEAM, zoe.id)
    assert [each.id for each in seen_now.of_kind("picture")] == [now.id]
    assert seen_now.lacks == ()
    assert files(room) == {each.id for each in seen_now.documents}
    assert renewal.renewals(room, TEAM) == []
    assert events(room) == ["proof_accepted"]
    assert old is not None
    with pytest.raises(NotFound):
        documents.look_at(room, TEAM, old.id)


@ON_SQLITE
def test_j4_one_that_is_rejected_changes_nothing_and_says_why(room: Practice, zoe: Actor) -> None:
    old, before = pictures.picture_of(room, zoe.id), files(room)
    kept = [all_rows(room, model) for model in (Application, Document, Verdict, Therapist)]
    one = renewal.renew_picture(room, zoe, zoe.id, "x", picture(400))
    with pytest.raises(Invalid, match="needs a reason"):
        renewal.judge(room, TEAM, one, accepted=False)
    renewal.judge(room, TEAM, one, accepted=False, reason="Your face is not in it")
    assert pictures.picture_of(room, zoe.id) == old
    assert files(room) == before
    assert [all_rows(room, each) for each in (Application, Document, Verdict, Therapist)] == kept
    (seen,) = renewal.renewals(room, zoe, therapist_id=zoe.id, waiting=False)
    assert (seen.state, seen.reason) == ("rejected", "Your face is not in it")
    assert events(room) == ["proof_returned"]
    with pytest.raises(NotAllowed, match="decided already"):
        renewal.judge(room, TEAM, one, accepted=True)


@ON_SQLITE
def test_j4_one_waits_at_a_time_and_beside_the_proofs(room: Practice, zoe: Actor) -> None:
    first = renewal.renew_picture(room, zoe, zoe.id, "x", picture(300))
    before = len(files(room))
    renewal.renew(room, zoe, zoe.id, "registration", "2030-01-01")
    second = renewal.renew_picture(room, zoe, zoe.id, "x", picture(320))
    assert len(files(room)) == before
    assert {one.id for one in renewal.renewals(room, TEAM)} >= {second}
    assert sorted(one.proof for one in renewal.renewals(room, TEAM)) == ["picture", "registration"]
    with pytest.raises(NotFound):
        renewal.look_at(room, TEAM, first)


@ON_SQLITE
@pytest.mark.parametrize(
    ("raw", "told_as"),
    [
        (PDF, "no PNG or JPEG"),
        (b"", "empty"),
        (b"\x89PNG\r\n\x1a\nxx", "cannot be read"),
        (picture(100), "too small"),
        (picture(300)[:200], "damaged|cannot be read"),
        (b"\xff\xd8\xff" + b"x" * (10 * 1024 * 1024), "larger than 10 MB"),
    ],
    ids=["pdf", "empty", "broken", "small", "cut", "large"],
)
def test_j3_a_bad_picture_gets_one_line_and_leaves_nothing(
    room: Practice, zoe: Actor, raw: bytes, told_as: str
) -> None:
    before, there = makers.snapshot(room), files(room)
    with pytest.raises(Invalid, match=told_as) as refused:
        renewal.renew_picture(room, zoe, zoe.id, "x", raw)
    assert "\n" not in str(refused.value)
    assert (makers.snapshot(room), files(room)) == (before, there)


@ON_SQLITE
def test_d7_what_waits_lies_made_anew_and_encrypted(room: Practice, zoe: Actor) -> None:
    raw = picture(300)
    raw = raw[:2] + b"\xff\xfe\x00\x10Canary comment" + raw[2:]
    one = renewal.renew_picture(room, zoe, zoe.id, "Canary.jpg", raw)
    assert b"Canary" not in renewal.look_at(room, zoe, one)[1]
    assert all(b"Canary" not in path.read_bytes() for path in room.settings.files.iterdir())
    assert "Canary" not in str(all_rows(room, Renewal))
    far = replace(room, clock=MovableClock(4_000_000_000))
    assert documents.sweep(far) == 0
    assert renewal.look_at(room, TEAM, one)[0] == "jpeg"


@ON_SQLITE
def test_a1_it_is_for_its_counsellor_and_the_team(room: Practice, zoe: Actor) -> None:
    other = add_therapist(room)
    one = renewal.renew_picture(room, zoe, zoe.id, "x", picture())
    for stranger in (other, Actor.client("nobody")):
        with pytest.raises(NotFound):
            renewal.renew_picture(room, stranger, zoe.id, "x", picture())
        with pytest.raises(NotFound):
            renewal.look_at(room, stranger, one)
        with pytest.raises(NotAllowed):
            renewal.judge(room, stranger, one, accepted=True)
    with pytest.raises(NotAllowed):
        renewal.judge(room, zoe, one, accepted=True)
    with pytest.raises(NotFound):
        renewal.renew_picture(room, other, other.id, "x", picture())


@ON_SQLITE
def test_j4_before_the_approval_the_application_is_the_place(room: Practice) -> None:
    one = fill_in(room)
    before = files(room)
    with pytest.raises(NotAllowed, match="not approved yet"):
        renewal.renew_picture(room, Actor.therapist(one), one, "x", picture())
    assert files(room) == before


@ON_SQLITE
def test_d2_a_kill_between_the_file_and_the_row_leaves_a_file_that_is_swept(
    room: Practice, zoe: Actor, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The file is there before its row; never a row without its file."""
    before = files(room)
    monkeypatch.setattr(Box, "remove", lambda *_: None)
    monkeypatch.setattr(renewal, "_replace_waiting", _dies)
    with pytest.raises(KeyboardInterrupt):
        renewal.renew_picture(room, zoe, zoe.id, "x", picture())
    monkeypatch.undo()
    assert renewal.renewals(room, TEAM) == []
    assert len(files(room)) == len(before) + 1
    documents.sweep(replace(room, clock=MovableClock(4_000_000_000)))
    assert files(room) == before


def _dies(*_: object) -> list[str]:
    raise KeyboardInterrupt


def test_d3_the_schema_refuses_what_no_picture_is(room: Practice, zoe: Actor) -> None:
    """A picture has a file that is no PDF, and no end; a proof has an end."""
    one = renewal.renew_picture(room, zoe, zoe.id, "x", picture())
    two = renewal.renew(room, zoe, zoe.id, "registration", "2030-01-01")
    for renewal_id, change in ((one, {"until_at": 5}), (one, {"type": "pdf"}),
                               (one, {"proof": "registration"}), (two, {"until_at": None}),
                               (two, {"proof": "picture"})):  # fmt: skip
        with pytest.raises(Exception, match="renewal_"), room.change() as tx:
            tx.run(Renewal.update(**change).where(Renewal.id == renewal_id))


def test_an_upgrade_keeps_every_renewal_and_then_takes_pictures(room: Practice, zoe: Actor) -> None:
    """The table is made anew: what waits and what was decided is there as it was."""
    first = renewal.renew(room, zoe, zoe.id, "insurance", "2030-01-01", raw=PDF)
    renewal.judge(room, TEAM, first, accepted=False, reason="it cannot be read")
    renewal.renew(room, zoe, zoe.id, "insurance", "2031-01-01", raw=PDF)
    renewal.renew(room, zoe, zoe.id, "registration", "2030-01-01")
    before, store = all_rows(room, Renewal), room.store
    script = import_module("helpspace.core.store.migrations.0003_payments").SCRIPT
    older = [text for text in script.split(";\n") if " renewal" in text]
    with store.db.atomic():
        store.db.execute_sql("CREATE TABLE aside AS SELECT * FROM renewal")
        store.db.execute_sql("DROP TABLE renewal")
        run_script(store.db, ";\n".join(older))
        store.db.execute_sql("INSERT INTO renewal SELECT * FROM aside")
        store.db.execute_sql("DROP TABLE aside")
        store.db.execute_sql("DELETE FROM schema_migration WHERE name = '0005_pictures'")
    with pytest.raises(StoreFault, match="older Helpspace"):
        migrate.check(store)
    assert migrate.upgrade(store) == ["0005_pictures"]
    with store.db.atomic():  # which a later step has taken away
        store.db.execute_sql("ALTER TABLE therapist DROP COLUMN theme")
    migrate.check(store)
    assert all_rows(room, Renewal) == before
    renewal.renew_picture(room, zoe, zoe.id, "x", picture())
    assert len(renewal.renewals(room, TEAM)) == 3
