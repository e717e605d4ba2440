"""What is refused when a store is restored, and the old one that is set aside (D5, D7)."""

from __future__ import annotations

import json
import zipfile
from pathlib import Path
from typing import Any

import pytest

from helpspace.core import accounts
from helpspace.core.errors import HelpspaceError
from helpspace.core.ids import Ids
from helpspace.core.keeping import restore
from helpspace.core.keeping.archive import Manifest, Writing
from helpspace.core.practice import Practice
from helpspace.core.store import migrate, open_store, standing
from helpspace.core.store.init import mark_of
from helpspace.core.store.tables import Client
from helpspace.core.vault import Vault
from tests import makers
from tests.core.keeping import kept
from tests.makers import TEAM, add_client, all_rows

# --- what is refused


def test_d5_a_damaged_backup_is_refused_wherever_it_is_damaged(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    honest = saved.read_bytes()
    bad = folder / "bad"
    # In the list of contents: the format's version, its flags, how a part is packed, its name.
    first = honest.index(b"PK\x01\x02")
    places = {
        *range(0, len(honest), max(1, len(honest) // 50)),
        *(first + n for n in (6, 8, 10, 46)),
    }
    for at in sorted(places):
        bad.write_bytes(honest[:at] + bytes([honest[at] ^ 0x41]) + honest[at + 1 :])
        place = kept.place(lived_in, f"sqlite:///{folder / 'n.db'}", folder / "f")
        try:
            restore.restore(place, TEAM, bad, dry_run=True)
        except HelpspaceError:
            continue
        # A byte that says nothing, such as of a date that is not read: then all is as it was.
        with zipfile.ZipFile(bad) as one, zipfile.ZipFile(saved) as other:
            for name in other.namelist():
                assert one.read(name) == other.read(name)
    for cut in (0, 10, len(honest) // 2, len(honest) - 1):
        bad.write_bytes(honest[:cut])
        kept.refused(lived_in, bad, folder, "damaged")


def test_d5_a_backup_that_was_put_together_anew_is_refused(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    def rebuilt(change: Any) -> Path:
        with zipfile.ZipFile(saved) as old, zipfile.ZipFile(folder / "bad", "w") as new:
            for name in old.namelist():
                content = change(name, old.read(name))
                if content is not None:
                    new.writestr(name, content)
        return folder / "bad"

    def other_rows(name: str, content: bytes) -> bytes:
        return content.replace(b"6000", b"6001") if name == "tables/appointment" else content

    def other_manifest(name: str, content: bytes) -> bytes:
        if name != "manifest":
            return content
        said = json.loads(content)
        said["files"] = {}
        return json.dumps(said).encode()

    def no_part(name: str, content: bytes) -> bytes | None:
        return None if name == "tables/ledger" else content

    def no_manifest(name: str, content: bytes) -> bytes | None:
        return None if name == "manifest" else content

    def strange_path(name: str, content: bytes) -> bytes:
        return content.replace(b'"files": {"', b'"files": {"../') if name == "manifest" else content

    for change in (other_rows, other_manifest, no_part, no_manifest, strange_path):
        kept.refused(lived_in, rebuilt(change), folder, "damaged")


def test_d7_another_key_is_refused(lived_in: Practice, saved: Path, folder: Path) -> None:
    thief = Practice(lived_in.store, lived_in.settings, Vault(bytes(32)), lived_in.clock, Ids())
    kept.refused(thief, saved, folder, "key does not fit this backup")


def test_a_backup_of_a_newer_program_is_refused(practice: Practice, folder: Path) -> None:
    names = [*migrate.known(), "9999_future"]
    with (folder / "kept").open("wb") as handle:
        writing = Writing(handle, Manifest("x", mark_of(practice.vault), 5, names, {}))
        writing.finish(practice.vault)
    kept.refused(practice, folder / "kept", folder, "newer Helpspace")


@pytest.mark.parametrize("what", ["nothing", "a folder", "text"])
def test_what_is_no_backup_is_told_in_one_line(practice: Practice, folder: Path, what: str) -> None:
    path = folder / "kept"
    if what == "a folder":
        path.mkdir()
    elif what == "text":
        path.write_text("nonsense")
    kept.refused(practice, path, folder, "cannot be read|no backup")


def test_d5_a_place_in_which_a_store_is_is_left_alone(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    before = makers.snapshot(lived_in)
    elsewhere = kept.place(lived_in, lived_in.settings.database, folder / "files")
    with pytest.raises(HelpspaceError, match="in that place already"):
        restore.restore(elsewhere, TEAM, saved)
    free = kept.place(lived_in, f"sqlite:///{folder / 'x.db'}", lived_in.settings.files)
    (lived_in.settings.files / "another").write_text("x")
    with pytest.raises(HelpspaceError, match="not empty"):
        restore.restore(free, TEAM, saved)
    assert makers.snapshot(lived_in) == before
    assert not (folder / "x.db").exists()


# --- in the place of an old store


def test_d5_an_old_store_is_set_aside_and_never_deleted(
    lived_in: Practice, saved: Path, folder: Path, other_url: str
) -> None:
    new = kept.place(lived_in, other_url, folder / "files")
    first = kept.restored(new, saved)
    extra = add_client(first, "Later", chat=4242)
    (folder / "files" / "later").write_text("a document of its own")
    first.store.close()
    done = restore.restore(new, TEAM, saved, replace_old=True)
    back = kept.opened(new)
    kept.same(back, kept.rows(lived_in))
    assert kept.documents(back) == kept.documents(lived_in)
    assert all(row["id"] != extra.id for row in all_rows(back, Client))
    assert any((Path(aside) / "later").exists() for aside in done.aside)
    if not back.store.postgresql:
        kept_file = next(Path(one) for one in done.aside if ".db." in one)
        aside = open_store(f"sqlite:///{kept_file}", make=False)
        with aside.reading() as reader:
            assert reader.find(Client, "id = ?", extra.id)
        with pytest.raises(HelpspaceError, match="has moved to one restored"):
            standing.refuse_unfit(aside)
        aside.close()
    else:
        (schema,) = [one.split()[1] for one in done.aside if one.startswith("schema")]
        with back.reading() as view:
            assert view.sql(f'SELECT 1 FROM "{schema}".client WHERE id = ?', extra.id)
    back.store.close()


def test_d5_an_old_store_that_is_in_use_is_not_taken_away(
    practice: Practice, saved: Path, folder: Path, lived_in: Practice
) -> None:
    before = makers.snapshot(lived_in)
    here = kept.place(lived_in, lived_in.settings.database, lived_in.settings.files)
    with pytest.raises(HelpspaceError, match="in use"):
        restore.restore(here, TEAM, saved, replace_old=True)
    assert makers.snapshot(lived_in) == before
    assert accounts.register(lived_in, 4711)


def test_d5_a_damaged_store_is_set_aside_as_it_is(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    path = folder / "broken.db"
    path.write_bytes(b"SQLite format 3\0" + b"x" * 5000)
    path.chmod(0o600)
    Path(f"{path}-wal").write_bytes(b"left over")
    new = kept.place(lived_in, f"sqlite:///{path}", folder / "files")
    done = restore.restore(new, TEAM, saved, replace_old=True)
    kept.same(kept.opened(new), kept.rows(lived_in))
    assert Path(done.aside[0]).read_bytes().endswith(b"xxx")


def test_d5_what_a_deleted_store_has_left_is_not_taken_for_the_new_ones(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    """SQLite would read its WAL into any file of that name."""
    path = folder / "here" / "x.db"
    new = kept.place(lived_in, f"sqlite:///{path}", folder / "files")
    gone = kept.restored(new, saved)
    add_client(gone, "Later", chat=4242)
    left = Path(f"{path}-wal").read_bytes()
    assert left
    gone.store.close()
    path.unlink()
    Path(f"{path}-wal").write_bytes(left)
    done = restore.restore(new, TEAM, saved)
    assert [Path(one).read_bytes() for one in done.aside if one.endswith("-wal")] == [left]
    back = kept.opened(new)
    kept.same(back, kept.rows(lived_in))
    back.store.close()


def test_a_rehearsal_makes_nothing(lived_in: Practice, saved: Path, folder: Path) -> None:
    new = kept.place(lived_in, f"sqlite:///{folder / 'n' / 'x.db'}", folder / "n" / "files")
    before = sorted(folder.iterdir())
    assert restore.restore(new, TEAM, saved, dry_run=True).rows > 100
    assert sorted(folder.iterdir()) == before
