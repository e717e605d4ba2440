"""A key on a shared host opens one terminal and nothing else, whatever is asked (A2)."""

from __future__ import annotations

import contextlib
import ctypes.util
import socket
import subprocess
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from helpspace import hosted
from helpspace.core.joining import application
from helpspace.tui.actions import ACTIONS
from tests import makers
from tests.core import applicants
from tests.hosted.conftest import Shared
from tests.hosted.host import ended, environment_of, finished, listening, processes
from tests.hosted.terminal import SshTerminal

ASKED = (
    "sh", "upload insurance; sh", "upload insurance\nsh", "upload $(id)", "internal-sftp",
    "scp -f /etc/passwd", "--help", "x" * 5000,
)  # fmt: skip
"""A few over the wire; `test_hosted.py` asks for more."""


def shells(terminal: SshTerminal) -> None:
    """Try to make whatever listens behave like a shell, a prompt of Python, or an editor."""
    for line in (b"echo hi$((40+2))\r", b"print('hi%d' % 42)\r", b"!echo hi$((40+2))\r"):
        terminal.type(line)
    assert b"hi42" not in terminal.raw


def test_asked_for_a_command(shared: Shared) -> None:
    before = makers.snapshot(shared.host.practice)
    files = {path for path in shared.host.folder.rglob("*") if path.suffix not in (".db", "")}
    with ThreadPoolExecutor(4) as pool:
        found = list(pool.map(lambda ask: shared.host.ssh(shared.zoes, ask=ask), ASKED))
    for ask, said in zip(ASKED, found, strict=True):
        lines = said.err.splitlines()
        assert (said.code, said.out, len(lines)) == (2, b"", 1), (ask, said)
        assert lines[0].startswith("Over SSH there is only the terminal."), ask
    after = {path for path in shared.host.folder.rglob("*") if path.suffix not in (".db", "")}
    assert (makers.snapshot(shared.host.practice), after) == (before, files)


def test_file_programs(shared: Shared, tmp_path: Path) -> None:
    host = shared.host
    own = tmp_path / "own.txt"
    own.write_text("mine")
    there = f"{host.name}:{host.folder}"
    runs = [
        [*host.argv(shared.zoes, program="scp"), f"{there}/helpspace.key", str(tmp_path / "got")],
        [*host.argv(shared.zoes, "-O", program="scp"), f"{there}/helpspace.key", str(tmp_path)],
        [*host.argv(shared.zoes, program="scp"), str(own), f"{there}/put"],
        [*host.argv(shared.zoes, program="sftp"), f"{there}/helpspace.key"],
    ]
    with ThreadPoolExecutor(3) as pool:
        assert all(said.code != 0 for said in pool.map(finished, runs))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["own.txt"]
    assert not (host.folder / "put").exists()


def test_forwarding(shared: Shared) -> None:
    """-L and -D reach nothing, -R is refused; the key's line allows a command and a pty at most."""
    host = shared.host
    told = host.ssh(shared.zoes, "-A", "-X", "-o", "LogLevel=DEBUG1", ask="sh").err
    options = {line.partition("key options: ")[2] for line in told.splitlines()
               if "key options: " in line}  # fmt: skip
    assert options == {"command pty"}
    with socket.create_server(("127.0.0.1", 0)) as inside:
        inside.settimeout(0.2)
        port = inside.getsockname()[1]
        straight = host.ssh(shared.zoes, "-W", f"127.0.0.1:{port}")
        assert (straight.code != 0, straight.out) == (True, b"")
        is_shut(shared, "-L", port)
        is_shut(shared, "-D", port)
        back = host.ssh(
            shared.zoes, "-N", "-o", "ExitOnForwardFailure=yes", "-R", f"0:127.0.0.1:{port}"
        )
        assert back.code != 0
        with pytest.raises(TimeoutError):
            inside.accept()


def is_shut(shared: Shared, flag: str, port: int) -> None:
    """Open a door on the client's side, and see it shut when somebody knocks."""
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        door = one.getsockname()[1]
    way = f"127.0.0.1:{door}:127.0.0.1:{port}" if flag == "-L" else f"127.0.0.1:{door}"
    argv = [*shared.host.argv(shared.zoes, "-N", flag, way), shared.host.name]
    nothing = subprocess.DEVNULL
    client = subprocess.Popen(argv, stdin=nothing, stderr=nothing)
    with ended(client), listening(door) as knock:
        knock.settimeout(10)
        if flag == "-D":
            # The client's own side answers as a proxy does, before it asks the host.
            knock.sendall(b"\x05\x01\x00")
            assert knock.recv(2) == b"\x05\x00"
            knock.sendall(b"\x05\x01\x00\x01\x7f\x00\x00\x01" + port.to_bytes(2, "big"))
        else:
            knock.sendall(b"hi")
        with contextlib.suppress(ConnectionResetError):
            while knock.recv(100):
                pass


SET = {
    "TEXTUAL_LOG": "{folder}/textual.log",
    "TEXTUAL_DRIVER": "os:system",
    "TEXTUAL_SCREENSHOT": "1",
    "TEXTUAL_SCREENSHOT_LOCATION": "{folder}",
    "TEXTUAL_PRESS": "q",
    "HELPSPACE_CONFIG": "{folder}/other.env",
    "HELPSPACE_DATABASE": "sqlite:///{folder}/other.db",
    "HELPSPACE_KEY_FILE": "{folder}/other.key",
    "PYTHONINSPECT": "1",
    "PYTHONDONTWRITEBYTECODE": "",
    "PYTHONPATH": "{folder}/evil",
    "PYTHONSTARTUP": "{folder}/evil/start.py",
    "LD_PRELOAD": "{library}",
    "LD_LIBRARY_PATH": "{folder}/evil",
    "HOME": "{folder}/evil",
    "XDG_CONFIG_HOME": "{folder}/evil",
    "COLUMNS": "7",
    "MARK": "a-value-of-the-client",
}


def set_env(shared: Shared, *, without: tuple[str, ...] = ()) -> list[str]:
    library = ctypes.util.find_library("anl") or "libanl.so.1"
    pairs = [
        f'{name}="{value.format(folder=shared.host.folder, library=library)}"'
        for name, value in SET.items()
        if name not in without
    ]
    return ["-o", f"SetEnv={' '.join(pairs)}"]


def see_own(shared: Shared, key: Path, argv: list[str], word: str) -> None:
    """Sign in and find one's own calendar, in an environment made from the list."""
    with SshTerminal(argv, {"TERM": "../../../etc/passwd"}) as terminal:
        terminal.until("Wilhelmina")
        pid = processes(word)[-1]
        found = environment_of(pid)
        assert set(found) == {*hosted.rebuilt({}), *(["LC_CTYPE"] if "LC_CTYPE" in found else [])}
        assert found["PATH"] == hosted.PATH
        assert "evil" not in str(found)
        assert "a-value-of-the-client" not in str(found)
        assert "libanl" not in Path(f"/proc/{pid}/maps").read_text()
        terminal.type(b"\x11")
        assert terminal.wait() == 0
        assert b"Bartholomew" not in terminal.raw
        assert b">>>" not in terminal.raw


def evil(shared: Shared) -> Path:
    """Something on the host that would leave a mark if Python ever found it."""
    folder = shared.host.folder / "evil"
    folder.mkdir(exist_ok=True)
    for name in ("sitecustomize.py", "start.py", "helpspace.py", "typer.py"):
        (folder / name).write_text(f"open({str(folder / 'mark')!r}, 'w')\n")
    return folder


def test_an_environment_is_left_at_the_door(shared: Shared) -> None:
    folder = evil(shared)
    before = set(shared.host.folder.iterdir())
    argv = [*shared.host.argv(shared.zoes, "-tt", *set_env(shared)), shared.host.name]
    see_own(shared, shared.zoes, argv, shared.host.key_id(shared.zoes))
    assert not (folder / "mark").exists()
    assert set(shared.host.folder.iterdir()) == before


def test_a_line_that_was_written_by_hand(shared: Shared) -> None:
    """The second wall: no env -i in the line, nothing of -I, and all the same nothing gets in."""
    host = shared.host
    key = host.new_key("hand")
    python, config = hosted._python()[0], host.folder / "helpspace.env"
    host.write_line(key, f"{python} -m helpspace tui --config {config} --therapist {shared.zoe.id}")
    before = set(host.folder.iterdir())
    # Whoever could put a file on the host's Python path needs no door any more.
    options = set_env(shared, without=("PYTHONPATH", "LD_PRELOAD"))
    see_own(shared, key, [*host.argv(key, "-tt", *options), host.name], shared.zoe.id)
    said = host.ssh(key, *options, ask="upload insurance; sh")
    assert (said.code, said.out, len(said.err.splitlines())) == (2, b"", 1)
    assert set(host.folder.iterdir()) == before


BYTES = {
    "enter": "\r", "escape": "\x1b", "tab": "\t", "shift+tab": "\x1b[Z", "up": "\x1b[A",
    "down": "\x1b[B", "right": "\x1b[C", "left": "\x1b[D", "pageup": "\x1b[5~",
    "pagedown": "\x1b[6~", "home": "\x1b[H", "end": "\x1b[F", "shift+down": "\x1b[1;2B",
    "shift+up": "\x1b[1;2A", "delete": "\x1b[3~", "backspace": "\x7f", "space": " ",
    "left_square_bracket": "[", "right_square_bracket": "]", "asterisk": "*", "plus": "+",
    "equals_sign": "=", "f2": "\x1bOQ", "f3": "\x1bOR", "minus": "-", "question_mark": "?",
    "full_stop": ".", "comma": ",", "slash": "/", "shift+left": "\x1b[1;2D",
    "shift+right": "\x1b[1;2C",
}  # fmt: skip
LEAVES = {"q", "ctrl+q"}


def sent(key: str) -> bytes:
    """What a terminal sends for a key of the table."""
    if key.startswith("ctrl+") and len(key) == 6:
        return bytes([ord(key[5]) & 31])
    return BYTES.get(key, key).encode()


@pytest.mark.parametrize("words", ["Wilhelmina", "Joining Helpspace"])
def test_every_key_of_the_table(shared: Shared, words: str) -> None:
    """No key gives a shell, starts a program or stops the terminal; nor do Ctrl+Z, Ctrl+\\."""
    keys = sorted({key for one in ACTIONS for key in one.keys.split(",") if key} - LEAVES)
    assert all(len(sent(key)) == 1 or sent(key).startswith(b"\x1b") for key in keys), keys
    before = set(shared.host.folder.iterdir())
    own = shared.zoes if words == "Wilhelmina" else shared.newcomers
    with SshTerminal([*shared.host.argv(own, "-tt"), shared.host.name]) as terminal:
        terminal.until(words)
        pid = processes(shared.host.key_id(own))[-1]
        for key in keys:
            terminal.type(sent(key))
            if b"\r" in sent(key) or not sent(key).startswith(b"\x1b"):
                terminal.type(b"\x1b")
            assert not Path(f"/proc/{pid}/task/{pid}/children").read_text().strip(), key
        for odd in (
            b"\x1a",
            b"\x1c",
            b"\x03",
            b"\x04",
            b"\x1a\x1c" * 20,
            b"\x19",
            b"\x0f",
            b"\x12",
        ):
            terminal.type(odd)
        status = Path(f"/proc/{pid}/status").read_text()
        assert "State:\tT" not in status
        shells(terminal)
        terminal.type(b"\x1b\x11")
        assert terminal.wait() == 0
    assert b"Bartholomew" not in terminal.raw
    assert b"secretsecret" not in terminal.raw
    assert set(shared.host.folder.iterdir()) == before


def test_keys_before_the_terminal_has_begun(shared: Shared) -> None:
    """Whatever is pressed while it starts: it goes on, or ends."""
    for odd in (b"\x1a", b"\x1c", b"\x03", b"\x1a\x1c\x03\x04" * 5):
        with SshTerminal([*shared.host.argv(shared.zoes, "-tt"), shared.host.name]) as terminal:
            terminal.type(odd)
            if terminal.read_on(0.5):
                shells(terminal)
            assert b"$ " not in terminal.raw
            assert b">>>" not in terminal.raw


def test_files_go_up_through_standard_input(shared: Shared) -> None:
    host, practice = shared.host, shared.host.practice
    own, newcomer, key = application.application, shared.newcomer, shared.newcomers
    said = host.ssh(key, ask="upload insurance", stdin=applicants.PDF)
    assert (said.code, said.err) == (0, "")
    assert said.out.startswith(b"Handed in: Insurance certificate.")
    assert len(said.out.splitlines()) == 1
    seen = own(practice, applicants.TEAM, newcomer)
    assert [one.size for one in seen.of_kind("insurance")] == [len(applicants.PDF)]
    for raw in (b"", b"no picture", b"%PDF-" + b"x" * (11 << 20)):
        said = host.ssh(key, ask="upload picture", stdin=raw)
        assert (said.code, said.out, len(said.err.splitlines())) == (1, b"", 1), said
    assert own(practice, applicants.TEAM, newcomer).version == seen.version
    # Nobody hands anything in for somebody who has no application, or for another.
    said = host.ssh(shared.zoes, ask="upload insurance", stdin=applicants.PDF)
    assert (said.code, len(said.err.splitlines())) == (1, 1)
