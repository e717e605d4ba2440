"""The key and its store: no other key opens it, and a lost one is not replaced (A5)."""

from __future__ import annotations

from pathlib import Path

import pytest

from helpspace.core.errors import HelpspaceError, SettingsFault, StoreFault
from helpspace.core.store.tables import Client
from helpspace.settings import Settings, settings_from
from helpspace.wiring import open_practice
from tests.makers import add_client, all_rows


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    """Settings of a store that is made already, with one client in it."""
    made = settings_from(
        {
            "HELPSPACE_DATABASE": f"sqlite:///{tmp_path}/store.db",
            "HELPSPACE_KEY_FILE": f"{tmp_path}/store.key",
        },
        tmp_path / "helpspace.toml",
    )
    practice = open_practice(made, make=True)
    add_client(practice)
    practice.store.close()
    return made


def clients(settings: Settings) -> int:
    practice = open_practice(settings)
    count = len(all_rows(practice, Client))
    practice.store.close()
    return count


@pytest.mark.parametrize("make", [False, True])
def test_a5_another_key_does_not_open_the_store(settings: Settings, *, make: bool) -> None:
    right = settings.key_file.read_bytes()
    settings.key_file.write_text("A" * 43 + "=\n")
    with pytest.raises(StoreFault, match="The key does not fit this store"):
        open_practice(settings, make=make)
    settings.key_file.write_bytes(right)
    assert clients(settings) == 1


@pytest.mark.parametrize("make", [False, True])
def test_a5_a_lost_key_is_told_and_not_replaced(settings: Settings, *, make: bool) -> None:
    right = settings.key_file.read_bytes()
    settings.key_file.unlink()
    with pytest.raises(SettingsFault, match="There is no key file") as told:
        open_practice(settings, make=make)
    assert "the store's key" in told.value.hint
    assert not settings.key_file.exists()
    settings.key_file.write_bytes(right)
    settings.key_file.chmod(0o600)
    assert clients(settings) == 1


def test_a5_a_new_store_takes_a_key_that_is_there(settings: Settings, tmp_path: Path) -> None:
    other = settings_from(
        {
            "HELPSPACE_DATABASE": f"sqlite:///{tmp_path}/other.db",
            "HELPSPACE_KEY_FILE": str(settings.key_file),
        },
        tmp_path / "helpspace.toml",
    )
    try:
        open_practice(other, make=True).store.close()
    except HelpspaceError as error:
        pytest.fail(error.title)
    assert clients(other) == 0
