"""`init`: the store, its key and a config file; what is still missing; nothing twice."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from helpspace.settings import NAMES
from tests.cli.conftest import CommandLine


def _mode(path: str | Path) -> int:
    return stat.S_IMODE(Path(path).stat().st_mode)


def test_init_makes_store_key_and_config_file_for_nobody_else(bare: CommandLine) -> None:
    made = bare.json("init")
    assert (made["key_made"], made["config_made"]) == (True, True)
    assert made["migrations"]
    store = Path(made["store"])
    assert [_mode(one) for one in (store, made["key_file"], made["config_file"])] == [0o600] * 3
    assert [_mode(Path(one).parent) for one in (store, made["config_file"])] == [0o700] * 2
    text = Path(made["config_file"]).read_text(encoding="utf-8")
    assert all(line.startswith("#") or not line for line in text.splitlines())
    assert not [name for name in NAMES if name not in text and name != "HELPSPACE_CONFIG"
                and not name.endswith("_API")]  # fmt: skip


def test_init_says_what_is_still_missing(bare: CommandLine) -> None:
    names = [one["name"] for one in bare.json("init")["missing"]]
    assert names == [
        "HELPSPACE_TELEGRAM_TOKEN", "HELPSPACE_STRIPE_KEY", "HELPSPACE_MAIL",
        "HELPSPACE_MAIL_FROM", "HELPSPACE_SUPPORT_EMAIL",
    ]  # fmt: skip
    assert "HELPSPACE_VIDEO" in bare("init", VIDEO="").err
    done = bare(
        "init", TELEGRAM_TOKEN="1:x", STRIPE_KEY="sk_test_x", MAIL="smtp://localhost",
        MAIL_FROM="a@example.org", SUPPORT_EMAIL="b@example.org",
    )  # fmt: skip
    assert "All is set" in done.err


def test_init_again_changes_nothing(bare: CommandLine) -> None:
    first = bare.json("init")
    key = Path(first["key_file"]).read_bytes()
    Path(first["config_file"]).write_text("HELPSPACE_STRIPE_RATE=7\n", encoding="utf-8")
    again = bare.json("init")
    assert (again["migrations"], again["key_made"], again["config_made"]) == ([], False, False)
    assert Path(first["key_file"]).read_bytes() == key
    assert "7" in Path(first["config_file"]).read_text(encoding="utf-8")


def test_a_rehearsal_makes_nothing(bare: CommandLine) -> None:
    made = bare.json("init", "--dry-run")
    assert (made["dry_run"], made["key_made"]) == (True, True)
    assert "would be made" in bare("init", "--dry-run").out
    assert not [*Path.cwd().iterdir()]


def test_no_password_of_the_database_is_shown(bare: CommandLine) -> None:
    done = bare("init", DATABASE="postgresql://me:geheim@127.0.0.1:1/name")
    assert done.code == 1
    assert "geheim" not in done.out + done.err


def test_a_store_that_is_not_there_is_told_and_not_made(bare: CommandLine) -> None:
    done = bare("slots", "list")
    assert (done.code, "helpspace init" in done.line) == (1, True)
    assert not [*Path.cwd().iterdir()]


@pytest.mark.parametrize("setting", ["CONFIG", "KEY_FILE"])
def test_a_folder_that_cannot_be_made_is_told(
    bare: CommandLine, tmp_path: Path, setting: str
) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    done = bare("init", **{setting: str(tmp_path / "file" / "below")})
    assert done.code == 1
    assert done.line


def test_a_lost_guard_is_told_by_every_command_and_put_back_by_init(bare: CommandLine) -> None:
    from helpspace.core.store import open_store

    bare("init")
    store = open_store(bare.environment["HELPSPACE_DATABASE"])
    store.db.execute_sql("DROP TRIGGER claim_overlap")
    store.close()
    refused = bare("slots", "list")
    assert (refused.code, "claim_overlap" in refused.line) == (1, True)
    assert bare("init").code == 0
    assert bare("slots", "list").code == 0
