"""Backups: consistent, proved, private; restored on either database (D5, D6, D7)."""

from __future__ import annotations

import base64
import errno
import os
import zipfile
from pathlib import Path
from typing import Any

import pytest

from helpspace.core.actors import Actor
from helpspace.core.errors import HelpspaceError, NotAllowed
from helpspace.core.joining import documents
from helpspace.core.keeping import backup, restore
from helpspace.core.keeping.archive import Archive, Manifest, Part, Writing
from helpspace.core.keeping.erased import NAME
from helpspace.core.payments import settle
from helpspace.core.practice import Practice
from helpspace.core.store import migrate, open_store, rows, standing
from helpspace.core.store.init import mark_of
from helpspace.core.store.tables import (
    Appointment,
    Audit,
    Client,
    Document,
    Notice,
    Payment,
    StoreFact,
)
from tests import makers
from tests.core import applicants
from tests.core.keeping import kept
from tests.core.test_privacy import CANARIES, forms_of
from tests.core.workers import Worker
from tests.makers import KEY, ON_POSTGRESQL, TEAM, add_client, add_therapist, all_rows, session


def parts_of(path: Path) -> bytes:
    """Return all that stands in a backup, packed and unpacked."""
    with zipfile.ZipFile(path) as found:
        unpacked = b"\n".join(found.read(name) for name in found.namelist())
    # Binary columns stand in it as Base64.
    texts = unpacked.split(b'"')
    decoded = []
    for text in texts:
        try:
            decoded.append(base64.b64decode(text, validate=True))
        except ValueError:
            continue
    return path.read_bytes() + unpacked + b"\n".join(decoded)


# --- D5: from either database to either


def test_d5_what_was_saved_is_what_is_restored(
    lived_in: Practice, saved: Path, folder: Path, other_url: str
) -> None:
    back = kept.restored(kept.place(lived_in, other_url, folder / "files"), saved)
    kept.same(back, kept.rows(lived_in))
    assert kept.documents(back) == kept.documents(lived_in) != {}
    with lived_in.reading() as there, back.reading() as here:
        old, new = rows.serials(there), rows.serials(here)
        assert {**old, "audit": 0} == {**new, "audit": 0}
        assert new["audit"] > all_rows(lived_in, Audit)[-2]["seq"]
        assert standing.is_resting(here)
        assert here.fact("name") == there.fact("name")
    whose = Actor.therapist(all_rows(back, Appointment)[0]["therapist_id"])
    makers.open_slot(back, whose, makers.SOON + 30 * makers.DAY)
    assert settle.claim(back, "w") == []
    back.store.close()


@ON_POSTGRESQL
def test_d5_what_was_saved_on_postgresql_is_what_is_restored(
    lived_in_anywhere: Practice, folder: Path, other_url: str
) -> None:
    backup.backup(lived_in_anywhere, TEAM, folder / "kept")
    new = kept.place(lived_in_anywhere, other_url, folder / "files")
    back = kept.restored(new, folder / "kept")
    kept.same(back, kept.rows(lived_in_anywhere))
    assert kept.documents(back) == kept.documents(lived_in_anywhere) != {}
    with lived_in_anywhere.reading() as there, back.reading() as here:
        old, new_ = rows.serials(there), rows.serials(here)
        assert {**old, "audit": 0} == {**new_, "audit": 0}
    back.store.close()


def test_d5_a_number_once_given_out_is_not_given_out_again(
    lived_in: Practice, folder: Path, other_url: str
) -> None:
    with lived_in.change() as tx:
        last = tx.sql("SELECT max(seq) FROM notice")[0][0]
        tx.run(Notice.delete().where(Notice.seq == last))
    backup.backup(lived_in, TEAM, folder / "kept")
    back = kept.restored(kept.place(lived_in, other_url, folder / "files"), folder / "kept")
    add_client(back, chat=9999)
    makers.session(back, add_therapist(back), add_client(back, chat=9998), makers.SOON + 900_000)
    assert min(row["seq"] for row in all_rows(back, Notice)[-2:]) > last
    back.store.close()


def test_d5_a_backup_of_an_older_program_is_brought_up_to_date(
    practice: Practice, folder: Path, other_url: str
) -> None:
    old = open_store(f"sqlite:///{folder / 'old.db'}")
    done = migrate.upgrade(old, target="0004_lost")
    with old.writing() as writer:
        writer.sql("INSERT INTO store_fact VALUES ('name', 'oldname'), ('sealed_with', ?)",
                   mark_of(practice.vault))  # fmt: skip
        writer.sql("INSERT INTO client (id, zone, by_email, by_chat, sample, created_at)"
                   " VALUES ('somebodyold1', 'Europe/London', 1, 1, 0, 5)")  # fmt: skip
        manifest = Manifest("oldname", mark_of(practice.vault), 5, done, {"notice": 700})
        with (folder / "kept").open("wb") as handle:
            writing = Writing(handle, manifest)
            for model in (StoreFact, Client):
                name = rows.name_of(model)
                columns = tuple(str(row[1]) for row in writer.sql(f"PRAGMA table_info({name})"))
                found = writer.sql(f"SELECT {', '.join(columns)} FROM {name}")
                writing.table(name, columns, map(rows.line_of, found))
            writing.finish(practice.vault)
    old.close()
    back = kept.restored(kept.place(practice, other_url, folder / "files"), folder / "kept")
    migrate.check(back.store)
    assert [row["id"] for row in all_rows(back, Client)] == ["somebodyold1"]
    with back.reading() as view:
        assert rows.serials(view)["notice"] == 700
    back.store.close()


def test_d5_a_backup_is_consistent_while_others_write(
    practice: Practice, other: Practice, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Nobody is kept waiting either: whole acts are committed between any two of its tables."""
    therapist, made = add_therapist(practice), []
    before = kept.rows(practice)
    honest = Writing.table

    def busy(writing: Writing, *args: Any) -> None:
        start = makers.SOON + 7200 * len(made)
        made.append(session(other, therapist, add_client(other), start))
        honest(writing, *args)

    monkeypatch.setattr(Writing, "table", busy)
    backup.backup(practice, TEAM, folder / "kept")
    assert len(made) > 20
    new = kept.place(practice, f"sqlite:///{folder / 'x.db'}", folder / "files")
    back = kept.restored(new, folder / "kept")
    kept.same(back, before)
    back.store.close()


WRITING = """
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, SOON, add_client, add_therapist, practice_at, session

practice = practice_at(sys.argv[1], MovableClock(NOW), seed=5)
therapist = add_therapist(practice)
ready()
for number in range(300):
    session(practice, therapist, add_client(practice), SOON + 7200 * number)
    if number == 0:
        say("begun")
say("done")
"""


def test_d5_a_backup_beside_a_process_that_writes_is_sound(
    practice: Practice, folder: Path
) -> None:
    worker = Worker(WRITING, practice.settings.database)
    worker.wait_ready()
    worker.go()
    assert worker.hear() == "begun"
    for number in range(2):
        backup.backup(practice, TEAM, folder / f"kept{number}")
    worker.kill()
    for number in range(2):
        url = f"sqlite:///{folder / f'x{number}.db'}"
        new = kept.place(practice, url, folder / f"files{number}")
        back = kept.restored(new, folder / f"kept{number}")
        kept.same(back, {})
        assert len(all_rows(back, Appointment)) == len(all_rows(back, Payment)) > 0
        back.store.close()


# --- the file


def test_d7_a_backup_names_nobody_and_holds_no_key(lived_in: Practice, saved: Path) -> None:
    found = parts_of(saved)
    assert b"acct_1" in found  # we did look into it
    assert any(bytes(row["name_sealed"]) in found for row in all_rows(lived_in, Client)[:1])
    small = found.lower()
    for canary in (*CANARIES, applicants.NAME, applicants.EMAIL):
        for form in forms_of(canary):
            assert form not in found, (canary, form)
        assert canary.lower().encode() not in small, canary
    for key in (KEY, KEY.hex().encode(), base64.b64encode(KEY)):
        assert key not in found


def test_a5_a_backup_is_closed_to_others_and_leaves_nothing_beside_it(
    saved: Path, folder: Path
) -> None:
    assert {path.name for path in folder.iterdir()} == {"kept", NAME}
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


@pytest.mark.parametrize("where", ["taken", "no folder", "closed", "a link"])
def test_a_backup_takes_no_name_from_another(lived_in: Practice, folder: Path, where: str) -> None:
    target = folder / "kept"
    if where == "taken":
        target.write_text("mine")
    elif where == "a link":
        target.symlink_to(folder / "nowhere")
    elif where == "no folder":
        target = folder / "none" / "kept"
    else:
        target = Path("/proc/kept")
    with pytest.raises(HelpspaceError):
        backup.backup(lived_in, TEAM, target)
    if where != "closed":
        with pytest.raises(HelpspaceError):
            backup.preview(lived_in, TEAM, target)
    assert where != "taken" or target.read_text() == "mine"


FULL = """
import resource, signal
from pathlib import Path
from helpspace.core.errors import HelpspaceError
from helpspace.core.keeping import backup
from helpspace.sandbox.clock import MovableClock
from tests.makers import NOW, TEAM, practice_at

practice = practice_at(sys.argv[1], MovableClock(NOW), seed=5)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[3]), resource.RLIM_INFINITY))
try:
    backup.backup(practice, TEAM, Path(sys.argv[2]))
except HelpspaceError as error:
    say(str(error))
"""


@pytest.mark.parametrize("most", [500, 3000, 60_000])
def test_a_full_disk_leaves_nothing(lived_in: Practice, folder: Path, most: int) -> None:
    """Whether the file itself does not fit, or the throw-away store that proves it."""
    (told,) = Worker(FULL, lived_in.settings.database, str(folder / "kept"), str(most)).finish()
    assert any(word in told for word in ("could not be written", "disk is full", "disk")), told
    assert [path.name for path in folder.iterdir() if path.name != NAME] == []


def test_a1_only_the_team_makes_and_restores_backups(
    lived_in: Practice, therapist: Actor, folder: Path
) -> None:
    for act in (backup.preview, backup.backup, restore.restore):
        with pytest.raises(NotAllowed):
            act(lived_in, therapist, folder / "kept")


# --- documents


def test_a_document_that_is_let_go_meanwhile_begins_it_anew(
    lived_in: Practice, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with lived_in.reading() as view:
        gone = documents.named_files(view)[0]
    other = kept.beside(lived_in)
    honest, tries = Writing.file, []

    def letting_go(writing: Writing, file_id: str, handle: Any) -> None:
        tries.append(file_id)
        if len(tries) == 1:
            with other.change() as tx:
                tx.run(Document.update(removed_at=1).where(Document.id == gone))
            raise FileNotFoundError(errno.ENOENT, "gone", file_id)
        honest(writing, file_id, handle)

    monkeypatch.setattr(Writing, "file", letting_go)
    made = backup.backup(lived_in, TEAM, folder / "kept")
    other.store.close()
    assert made.missing == ()
    assert tries[0] == gone
    assert gone not in tries[1:]


def test_a_document_whose_file_is_gone_is_told(lived_in: Practice, folder: Path) -> None:
    with lived_in.reading() as view:
        gone = documents.named_files(view)[0]
    (lived_in.settings.files / gone).unlink()
    assert backup.preview(lived_in, TEAM, folder / "kept").missing == (gone,)
    assert backup.backup(lived_in, TEAM, folder / "kept").missing == (gone,)


# --- small things


def test_an_archive_knows_its_parts(lived_in: Practice, saved: Path) -> None:
    archive = Archive(saved, lived_in.vault)
    archive.verify()
    counts = {name: part.rows for name, part in archive.manifest.tables.items()}
    assert counts["appointment"] == len(all_rows(lived_in, Appointment))
    assert counts["ledger"] >= 3
    assert archive.manifest.files
    assert all(isinstance(part, Part) for part in archive.manifest.files.values())
    archive.close()


def test_the_trail_says_who_took_a_copy(lived_in: Practice, saved: Path) -> None:
    row = all_rows(lived_in, Audit)[-1]
    assert (row["act"], row["thing"], row["actor_id"]) == ("backup", "store", TEAM.id)
    assert os.fspath(saved) not in row["detail"]
