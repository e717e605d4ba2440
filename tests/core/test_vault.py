"""Personal fields are sealed with a key kept apart from the store (D7)."""

from __future__ import annotations

import base64
import threading
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from helpspace.core.errors import SettingsFault, StoreFault
from helpspace.core.ids import Ids
from helpspace.core.vault import Vault, read_or_make_key
from tests.makers import KEY

OTHER_KEY = bytes(32)


@given(st.text(alphabet=st.characters(codec="utf-8")))
def test_d7_what_is_sealed_can_be_opened(text: str) -> None:
    vault = Vault(KEY)
    assert vault.open(vault.seal(text, "client.name"), "client.name") == text


def test_d7_sealing_twice_looks_different() -> None:
    vault = Vault(KEY)
    assert vault.seal("Sam", "client.name") != vault.seal("Sam", "client.name")


def test_d7_another_key_does_not_open() -> None:
    sealed = Vault(KEY).seal("Sam", "client.name")
    with pytest.raises(StoreFault, match="key does not fit"):
        Vault(OTHER_KEY).open(sealed, "client.name")


def test_d7_a_field_cannot_be_moved_to_another_column() -> None:
    vault = Vault(KEY)
    with pytest.raises(StoreFault):
        vault.open(vault.seal("Sam", "client.name"), "client.email")


@pytest.mark.parametrize("broken", [b"", b"x", bytes(11), bytes(12), bytes(40)])
def test_d7_damaged_bytes_are_told_in_one_line(broken: bytes) -> None:
    with pytest.raises(StoreFault):
        Vault(KEY).open(broken, "client.name")


def test_d7_hashes_look_up_but_say_nothing() -> None:
    vault = Vault(KEY)
    hashed = vault.digest("7001", "client.chat")
    assert hashed == Vault(KEY).digest("7001", "client.chat")
    assert len(hashed) == 32
    assert hashed != vault.digest("7001", "client.email")
    assert hashed != vault.digest("7002", "client.chat")
    assert hashed != Vault(OTHER_KEY).digest("7001", "client.chat")


def test_d7_the_vault_does_not_show_its_key() -> None:
    assert KEY.hex() not in repr(Vault(KEY))


def test_d7_a_key_file_is_made_closed_and_kept(tmp_path: Path) -> None:
    path = tmp_path / "config" / "helpspace.key"
    key = read_or_make_key(path)
    assert len(key) == 32
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700
    assert read_or_make_key(path) == key
    assert [found.name for found in path.parent.iterdir()] == ["helpspace.key"]


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o660, 0o644])
def test_a5_a_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    path = tmp_path / "helpspace.key"
    read_or_make_key(path)
    path.chmod(mode)
    with pytest.raises(SettingsFault, match="can be read by others") as refused:
        read_or_make_key(path)
    assert str(path) in refused.value.hint


def test_a_missing_key_is_not_made_unasked(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="no key file"):
        read_or_make_key(tmp_path / "helpspace.key", make=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("text", [b"", b"not base64!", base64.b64encode(bytes(31)), b"\xff\xfe"])
def test_a_damaged_key_is_told_in_one_line(tmp_path: Path, text: bytes) -> None:
    path = tmp_path / "helpspace.key"
    path.write_bytes(text)
    path.chmod(0o600)
    with pytest.raises(SettingsFault, match="damaged"):
        Vault(read_or_make_key(path))


def test_a_key_that_is_a_folder_is_told_in_one_line(tmp_path: Path) -> None:
    with pytest.raises(SettingsFault, match="cannot be read"):
        read_or_make_key(tmp_path)


def test_d7_makers_at_once_end_with_one_key(tmp_path: Path) -> None:
    path = tmp_path / "helpspace.key"
    gate = threading.Barrier(8)
    keys: list[bytes] = []

    def make() -> None:
        gate.wait()
        keys.append(read_or_make_key(path))

    makers = [threading.Thread(target=make) for _ in range(8)]
    for maker in makers:
        maker.start()
    for maker in makers:
        maker.join()
    assert len(keys) == 8
    assert set(keys) == {read_or_make_key(path)}


def test_ids_are_short_and_plain() -> None:
    ids = Ids()
    made = {ids.new() for _ in range(100)}
    assert len(made) == 100
    assert all(
        len(one) == 12 and set(one) <= set("abcdefghijklmnopqrstuvwxyz234567") for one in made
    )
    assert len(ids.token()) == 26
