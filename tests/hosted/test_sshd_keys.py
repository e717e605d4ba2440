"""Two keys, two calendars; a revoked one lets nobody in and ends what it opened (A2)."""

from __future__ import annotations

import subprocess

from helpspace.core.joining import keys
from tests import makers
from tests.hosted.conftest import Shared
from tests.hosted.host import ended
from tests.hosted.terminal import SshTerminal


def test_each_key_opens_its_own_calendar(shared: Shared) -> None:
    host = shared.host
    zoes = SshTerminal([*host.argv(shared.zoes, "-tt"), host.name])
    alis = SshTerminal([*host.argv(shared.alis, "-tt"), host.name])
    with zoes, alis:
        zoes.until("Wilhelmina")
        alis.until("Bartholomew")
        for terminal in (zoes, alis):
            terminal.type(b"\x11")
            assert terminal.wait() == 0
    assert b"Bartholomew" not in zoes.raw
    assert b"Wilhelmina" not in alis.raw


def test_without_a_terminal_there_is_a_line(shared: Shared) -> None:
    said = shared.host.ssh(shared.zoes)
    assert (said.code, said.out) == (1, b"")
    assert said.err == "helpspace: The calendar needs a terminal. Add -t: ssh -t HOST\n"


def test_revoking_ends_a_running_terminal(shared: Shared) -> None:
    """It leaves by itself, told why; the connection that is still there opens no second one."""
    host = shared.host
    key = host.add_key("lost", shared.zoe.id)
    number = host.key_id(key)
    path = f"ControlPath={host.folder}/c"
    options = ("-N", "-o", "ControlMaster=yes", "-o", path)
    argv = [*host.argv(key, *options), host.name]
    # The connection outlives its key, as one that is kept open does.
    with ended(subprocess.Popen(argv, stdin=subprocess.DEVNULL)):
        host.until_there(host.folder / "c")
        with SshTerminal([*host.argv(key, "-tt", "-o", path), host.name]) as terminal:
            terminal.until("Wilhelmina")
            host.revoke(number)
            assert terminal.wait(60) == 1
            assert b"closed by its host" in terminal.raw
        again = host.ssh(key, "-o", path, ask="upload insurance")
        assert (again.code, again.out) == (1, b"")
        assert again.err.startswith("helpspace: This key does not let you in any more.")
    assert not any(number in line for line in host.lines())
    assert host.ssh(key, ask="upload insurance").code == 255


def test_a_line_that_outlived_its_key(shared: Shared) -> None:
    """The store decides: also where the file could not be written."""
    host = shared.host
    key = host.add_key("stale", shared.zoe.id)
    keys.revoke(host.practice, makers.TEAM, host.key_id(key))
    said = host.ssh(key, "-tt")
    assert said.code == 1
    assert b"does not let you in any more" in said.out


def test_a_key_is_bound_to_its_therapist(shared: Shared) -> None:
    """A line by hand that names another therapist for a key opens nothing."""
    host = shared.host
    line = next(one for one in host.lines() if host.key_id(shared.zoes) in one)
    command = line.partition('command="')[2].rpartition('" ')[0]
    key = host.new_key("swapped")
    host.write_line(key, command.replace(shared.zoe.id, shared.ali.id))
    said = host.ssh(key, "-tt")
    assert said.code == 1
    assert b"Bartholomew" not in said.out
