"""A shared host for tests: a real sshd on loopback that would forbid nothing by itself."""

from __future__ import annotations

import contextlib
import io
import os
import pwd
import select
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from helpspace.__main__ import main
from helpspace.core.practice import Practice

SSHD = shutil.which("sshd") or "/usr/sbin/sshd"
SECONDS = 30

CONFIG = """\
ListenAddress 127.0.0.1:{port}
HostKey {folder}/host_key
PidFile none
AuthorizedKeysFile {folder}/authorized_keys
StrictModes no
UsePAM no
PasswordAuthentication no
KbdInteractiveAuthentication no
PermitRootLogin prohibit-password
AcceptEnv *
AllowTcpForwarding yes
AllowAgentForwarding yes
GatewayPorts yes
X11Forwarding yes
PermitTunnel yes
Subsystem sftp internal-sftp
MaxStartups 100
LogLevel ERROR
"""
"""Everything is allowed that an operator could leave open: only the key's line stands between."""


def is_here() -> bool:
    """Whether there is a server and a client to try it with."""
    return Path(SSHD).exists() and all(shutil.which(name) for name in ("ssh", "scp", "sftp"))


@dataclass(frozen=True)
class Said:
    """What a run of a client left behind."""

    code: int
    out: bytes
    err: str


class Host:
    """The host, its store and its keys; `add_key` and `revoke` are the team's own commands."""

    def __init__(self, folder: Path, practice: Practice) -> None:
        self.folder = folder
        self.practice = practice
        self.account = pwd.getpwuid(os.geteuid()).pw_name
        self.authorized = folder / "authorized_keys"
        self.port = _free_port()

    # -- the team --------------------------------------------------------------------------------

    def run(self, *argv: str, stdin: str = "") -> str:
        """Run one of the team's commands on this host and return what it says."""
        out = io.StringIO()
        before, sys.stdin = sys.stdin, io.StringIO(stdin)
        try:
            with contextlib.redirect_stdout(out), contextlib.redirect_stderr(out):
                environment = {"HELPSPACE_CONFIG": str(self.folder / "helpspace.env")}
                code = main(argv, environment=environment)
        finally:
            sys.stdin = before
        assert code == 0, out.getvalue()
        return out.getvalue()

    def new_key(self, name: str) -> Path:
        """Make a key pair as somebody on their own machine would."""
        path = self.folder / name
        argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(path)]
        subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
        return path

    def add_key(self, name: str, therapist_id: str) -> Path:
        """Make a key pair and let a therapist in by it."""
        path = self.new_key(name)
        public = path.with_suffix(".pub").read_text()
        self.run(
            "therapists", "ssh-key", "add", therapist_id, "--file", str(self.authorized),
            stdin=public,
        )  # fmt: skip
        return path

    def key_id(self, key: Path) -> str:
        """The id by which the store knows a key."""
        public = key.with_suffix(".pub").read_text().split()[1]
        line = next(one for one in self.lines() if public in one)
        return line.rpartition("helpspace:")[2]

    def revoke(self, key_id: str) -> None:
        self.run("therapists", "ssh-key", "revoke", key_id, "--file", str(self.authorized))

    def lines(self) -> list[str]:
        return self.authorized.read_text().splitlines()

    def write_line(self, key: Path, command: str) -> None:
        """Let a key in by a line that somebody wrote by hand."""
        public = key.with_suffix(".pub").read_text()
        with self.authorized.open("a") as file:
            file.write(f'restrict,pty,command="{command}" {public}')

    def until_there(self, path: Path) -> None:
        """Wait until somebody has made a file."""
        end = time.monotonic() + SECONDS
        while not path.exists():
            assert time.monotonic() < end, f"{path.name} is not there"
            select.select([], [], [], 0.02)

    # -- the clients -----------------------------------------------------------------------------

    def argv(self, key: Path, *options: str, program: str = "ssh") -> list[str]:
        """The words that sign in by a key; options come before the host."""
        port = "-p" if program == "ssh" else "-P"
        return [
            program, *options, "-F", "none", port, str(self.port), "-i", str(key),
            "-o", "IdentitiesOnly=yes", "-o", "BatchMode=yes", "-o", "LogLevel=ERROR",
            "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
            "-o", "ConnectTimeout=10",
        ]  # fmt: skip

    @property
    def name(self) -> str:
        return f"{self.account}@127.0.0.1"

    def ssh(self, key: Path, *options: str, ask: str | None = None, stdin: bytes = b"") -> Said:
        """Sign in, asking for a command; say what came of it."""
        words = [] if ask is None else [ask]
        return finished([*self.argv(key, *options), "--", self.name, *words], stdin)


def finished(argv: list[str], stdin: bytes = b"") -> Said:
    """Run a client to its end, which it has to reach by itself."""
    done = subprocess.run(argv, input=stdin, capture_output=True, timeout=SECONDS, check=False)
    return Said(done.returncode, done.stdout, done.stderr.decode("utf-8", "replace"))


@contextlib.contextmanager
def ended(process: subprocess.Popen[bytes]) -> Iterator[subprocess.Popen[bytes]]:
    """Give a process that is over at the end of the block, whatever happened in it."""
    with process:
        try:
            yield process
        finally:
            process.terminate()
            try:
                process.wait(timeout=3)
            except subprocess.TimeoutExpired:
                process.kill()  # ssh can miss a signal just before it goes to sleep


@contextlib.contextmanager
def serving(host: Host) -> Iterator[Host]:
    """Run sshd for a host until the end of the block."""
    key = host.folder / "host_key"
    argv = ["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", str(key)]
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL)
    config = host.folder / "sshd_config"
    config.write_text(CONFIG.format(folder=host.folder, port=host.port))
    host.authorized.touch(mode=0o600)
    if os.geteuid() == 0:
        Path("/run/sshd").mkdir(mode=0o755, exist_ok=True)
    argv = [SSHD, "-D", "-e", "-f", str(config)]
    with (
        (host.folder / "sshd.log").open("wb") as log,
        ended(subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log)),
    ):
        listening(host.port).close()
        yield host


def listening(port: int) -> socket.socket:
    """Return a connection to a port, as soon as somebody listens there."""
    end = time.monotonic() + SECONDS
    while True:
        with contextlib.suppress(OSError):
            found = socket.create_connection(("127.0.0.1", port), timeout=1)
            if found.getsockname() != found.getpeername():  # else it has met itself
                return found
            found.close()
        assert time.monotonic() < end, "nobody listens"
        select.select([], [], [], 0.02)


def _free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return int(one.getsockname()[1])


def processes(word: str) -> list[int]:
    """Return the ids of running processes of Python whose arguments hold a word."""
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdecimal():
            with contextlib.suppress(OSError):
                words = (folder / "cmdline").read_bytes().split(b"\0")
                if word.encode() in words and b"python" in words[0]:
                    found.append(int(folder.name))
    return found


def environment_of(pid: int) -> dict[str, str]:
    """Return the environment with which a process was started."""
    pairs = Path(f"/proc/{pid}/environ").read_bytes().decode().split("\0")
    return dict(pair.split("=", 1) for pair in pairs if pair)
