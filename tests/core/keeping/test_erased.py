"""Erased means erased, also by a restore of what was saved before (D6)."""

from __future__ import annotations

from pathlib import Path

from helpspace.core.keeping import backup, erased, restore
from helpspace.core.keeping.erased import NAME
from helpspace.core.practice import Practice, Tx
from helpspace.core.store.tables import Client
from tests import makers
from tests.core.keeping import kept
from tests.core.workers import Worker, all_at_once
from tests.makers import TEAM, all_rows

# --- D6: erased means erased


def erase(tx: Tx, client_id: str) -> None:
    """Stand in for the erasure of a client."""
    tx.set(Client, "id = ?", client_id, name_sealed=None, erased_at=tx.now)


def test_d6_whoever_was_erased_since_is_erased_before_it_serves(
    lived_in: Practice, saved: Path, folder: Path, other_url: str
) -> None:
    who = next(row for row in all_rows(lived_in, Client) if row["name_sealed"])
    with lived_in.change() as tx:
        erase(tx, who["id"])
    assert erased.keep(lived_in) == 1
    assert erased.keep(lived_in) == 0
    new = kept.place(lived_in, other_url, folder / "files")
    done = restore.restore(new, TEAM, saved)
    assert (done.erased, done.listed) == (1, True)
    back = kept.opened(new)
    found = makers.row(back, Client, who["id"])
    assert (found["name_sealed"], found["email_sealed"], found["chat_hash"]) == (None, None, None)
    assert found["erased_at"] is not None
    held = [
        bytes(who[name]) for name in ("name_sealed", "email_sealed", "chat_sealed") if who[name]
    ]
    assert held
    if not back.store.postgresql:
        back.store.close()
        beside = [path for path in (folder / "new").iterdir() if path.is_file()]
        for value in held:
            assert all(value not in path.read_bytes() for path in beside)
    back.store.close()


def test_d6_another_erasure_is_used_where_it_is_given(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    who = all_rows(lived_in, Client)[0]["id"]
    erased.write(folder, {erased.mark_of(lived_in.vault, who)})
    asked: list[str] = []

    def noting(tx: Tx, client_id: str) -> None:
        asked.append(client_id)
        erase(tx, client_id)

    new = kept.place(lived_in, f"sqlite:///{folder / 'x.db'}", folder / "files")
    restore.restore(new, TEAM, saved, erase=noting)
    assert asked == [who]


def test_d6_the_list_says_nothing_without_the_key_and_nobody_is_taken_off(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    who = all_rows(lived_in, Client)[0]["id"]
    erased.write(folder, {"0" * 32})
    with lived_in.change() as tx:
        erase(tx, who)
    erased.keep(lived_in)
    text = (folder / NAME).read_text()
    assert who not in text
    assert erased.read(folder) == {"0" * 32, erased.mark_of(lived_in.vault, who)}
    assert (folder / NAME).stat().st_mode & 0o777 == 0o600
    backup.backup(lived_in, TEAM, folder / "again")
    assert "0" * 32 in (erased.read(folder) or set())


ADDING = """
from pathlib import Path
from helpspace.core.keeping import erased

ready()
for number in range(20):
    erased.write(Path(sys.argv[1]), {f"{int(sys.argv[2]) * 100 + number:032x}"})
"""


def test_d6_two_that_add_to_the_list_lose_nobody(folder: Path) -> None:
    workers = [Worker(ADDING, str(folder), str(number)) for number in range(3)]
    all_at_once(workers)
    assert len(erased.read(folder) or ()) == 60
    assert [path.name for path in folder.iterdir()] == [NAME]


def test_d6_a_folder_that_is_away_waits_for_the_next_time(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    with lived_in.change() as tx:
        erase(tx, all_rows(lived_in, Client)[0]["id"])
    away = folder.with_name(f"{folder.name}-away")
    folder.rename(away)
    assert erased.keep(lived_in) == 0
    away.rename(folder)
    assert erased.keep(lived_in) == 1


def test_d6_a_list_that_cannot_be_read_is_refused(
    lived_in: Practice, saved: Path, folder: Path
) -> None:
    (folder / NAME).write_text("# comment\nnot a hash\n")
    kept.refused(lived_in, saved, folder, "list of erased people")
    (folder / NAME).unlink()
    new = kept.place(lived_in, f"sqlite:///{folder / 'x.db'}", folder / "files")
    assert restore.restore(new, TEAM, saved, dry_run=True).listed is False


def test_d6_the_store_that_is_set_aside_knows_whom_it_has_erased(
    lived_in: Practice, saved: Path, folder: Path, other_url: str
) -> None:
    new = kept.place(lived_in, other_url, folder / "files")
    first = kept.restored(new, saved)
    who = all_rows(first, Client)[0]["id"]
    with first.change() as tx:
        erase(tx, who)
    first.store.close()
    assert restore.restore(new, TEAM, saved, replace_old=True).erased == 1
