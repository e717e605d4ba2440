"""Public keys: what is taken, whose they are, and the file in which their lines stand (A2)."""

from __future__ import annotations

import base64
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from helpspace.core.errors import HelpspaceError, Invalid, NotAllowed, NotFound
from helpspace.core.files import authorized
from helpspace.core.joining import keys
from helpspace.core.practice import Practice
from tests import makers


def openssh(key: ed25519.Ed25519PrivateKey | ec.EllipticCurvePrivateKey) -> str:
    return key.public_key().public_bytes(Encoding.OpenSSH, PublicFormat.OpenSSH).decode()


def packed(*parts: bytes) -> str:
    blob = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return f"{parts[0].decode()} {base64.b64encode(blob).decode()}"


ED = openssh(ed25519.Ed25519PrivateKey.from_private_bytes(bytes(32)))
RSA = packed(b"ssh-rsa", b"\x01\x00\x01", b"\x00" + b"\xff" * 384)
SHORT = packed(b"ssh-rsa", b"\x01\x00\x01", b"\x00" + b"\xff" * 256)
CURVES = [
    openssh(ec.generate_private_key(one))
    for one in (ec.SECP256R1(), ec.SECP384R1(), ec.SECP521R1())
]
TOKEN = packed(b"sk-ssh-ed25519@openssh.com", bytes(32), b"ssh:")
TOKEN_EC = packed(
    b"sk-ecdsa-sha2-nistp256@openssh.com", b"nistp256", b"\x04" + bytes(64), b"ssh:me"
)
PRIVATE = (
    ed25519.Ed25519PrivateKey.generate()
    .private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption())
    .decode()
)


@pytest.mark.parametrize("key", [ED, RSA, *CURVES, TOKEN, TOKEN_EC])
def test_a_key_is_kept_without_its_comment(key: str) -> None:
    assert keys.read_public(key) == key
    assert keys.read_public(f"\n{key} Zoë's laptop\n".replace("ë", "e")) == key


BAD = {
    "nothing": "",
    "blank": " \n ",
    "words": "hello there",
    "private": PRIVATE,
    "two lines": f"{ED}\n{RSA}",
    "an option": f'command="sh" {ED}',
    "another option": f"environment=X {ED}",
    "a quote": f'{ED.split()[0]}" {ED.split()[1]}',
    "short rsa": SHORT,
    "dsa": packed(b"ssh-dss", b"x"),
    "certificate": packed(b"ssh-ed25519-cert-v01@openssh.com", bytes(32)),
    "another kind inside": f"ssh-rsa {ED.split()[1]}",
    "cut off": ED[:-8],
    "no base64": "ssh-ed25519 !!!!",
    "base64 with more": f"ssh-ed25519 {ED.split()[1]}====",
    "nothing inside": "ssh-ed25519 AAAA",
    "more inside": packed(b"ssh-ed25519", bytes(32), b"x"),
    "33 bytes": packed(b"ssh-ed25519", bytes(33)),
    "a long length": "ssh-ed25519 " + base64.b64encode(b"\xff\xff\xff\xff").decode(),
    "half a length": "ssh-ed25519 " + base64.b64encode(b"\x00\x00").decode(),
    "another curve": packed(b"ecdsa-sha2-nistp256", b"nistp384", b"\x04" + bytes(96)),
    "no point": packed(b"ecdsa-sha2-nistp256", b"nistp256", b"\x02" + bytes(64)),
    "negative rsa": packed(b"ssh-rsa", b"\x01\x00\x01", b"\xff" * 400),
    "even rsa": packed(b"ssh-rsa", b"\x01\x00\x01", b"\x7f" + bytes(400)),
    "weak exponent": packed(b"ssh-rsa", b"\x01", b"\x7f" * 401),
    "token without a use": packed(b"sk-ssh-ed25519@openssh.com", bytes(32)),
    "not ascii": ED + " é",
    "an escape": ED + " \x1b]52;c;aGk=\x07",
    "nul": ED + "\x00",
    "long": ED + " " + "x" * 20_000,
}


@pytest.mark.parametrize("name", BAD)
def test_what_is_no_key(name: str) -> None:
    with pytest.raises(Invalid) as refused:
        keys.read_public(BAD[name])
    assert "\n" not in str(refused.value)
    assert ED.split()[1] not in str(refused.value)


def test_whose_a_key_is(practice: Practice) -> None:
    zoe, ali = makers.add_therapist(practice), makers.add_therapist(practice, "Ali")
    key = keys.add(practice, makers.TEAM, zoe.id, ED + " comment")
    assert keys.add(practice, makers.TEAM, zoe.id, ED) == key
    assert keys.lets_in(practice, zoe.id, key.id)
    for therapist_id, key_id in ((ali.id, key.id), (zoe.id, "nobody"), (zoe.id, "\0"), ("", "")):
        assert not keys.lets_in(practice, therapist_id, key_id)
    with pytest.raises(NotAllowed):
        keys.add(practice, makers.TEAM, ali.id, ED)
    with pytest.raises(NotFound):
        keys.add(practice, makers.TEAM, "nobody", RSA)
    assert keys.keys(practice, makers.TEAM, zoe.id) == keys.keys(practice, makers.TEAM) == [key]
    assert key.fingerprint.startswith("SHA256:")
    gone = keys.revoke(practice, makers.TEAM, key.id)
    assert gone.revoked_at == practice.now()
    assert keys.revoke(practice, makers.TEAM, key.id) == gone
    assert not keys.lets_in(practice, zoe.id, key.id)
    with pytest.raises(NotAllowed, match="revoked"):
        keys.add(practice, makers.TEAM, zoe.id, ED)
    for act in (
        lambda: keys.add(practice, zoe, zoe.id, RSA),
        lambda: keys.keys(practice, zoe, zoe.id),
        lambda: keys.revoke(practice, zoe, key.id),
    ):
        with pytest.raises(NotAllowed):
            act()


OTHERS = b'# helpspace:k1\n\nssh-rsa AAAA own\r\ncommand="x" ssh-rsa BBBB \xff helpspace:other\n'


def one_line(key_id: str, word: str = "terminal") -> str:
    return authorized.line(["/bin/x", 'T="$T"', authorized.quoted(word)], ED, key_id)


def test_a_line_says_what_the_shell_reads_back() -> None:
    odd = 'it\'s a "folder" \\ $HOME `id`'
    line = one_line("k1", odd)
    inside = line.partition('command="')[2].rpartition('" ssh-ed25519')[0].replace('\\"', '"')
    done = subprocess.run(
        ["sh", "-c", inside.replace("/bin/x", "printf '<%s>'")],
        env={"T": "a b;c"}, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == f"<T=a b;c><{odd}>"
    assert line.startswith('restrict,pty,command="')
    assert line.endswith(" helpspace:k1")
    with pytest.raises(Invalid):
        one_line("k1", "two\nlines")


def test_other_peoples_lines_stay(tmp_path: Path) -> None:
    path = tmp_path / ".ssh" / "authorized_keys"
    assert not authorized.take_out(path, "k1")
    assert not path.parent.exists()
    assert authorized.put(path, "k1", one_line("k1"))
    assert (path.stat().st_mode & 0o777, path.parent.stat().st_mode & 0o777) == (0o600, 0o700)
    path.write_bytes(OTHERS + b"ssh-rsa CCCC the last line has no end")
    path.chmod(0o644)
    assert authorized.put(path, "k1", one_line("k1"))
    assert authorized.put(path, "k2", one_line("k2"))
    assert not authorized.put(path, "k2", one_line("k2"))
    assert authorized.put(path, "k1", one_line("k1", "elsewhere"))
    lines = (one_line("k1", "elsewhere"), one_line("k2"))
    own = "".join(f"{line}\n" for line in lines).encode()
    assert path.read_bytes() == OTHERS + b"ssh-rsa CCCC the last line has no end\n" + own
    assert path.stat().st_mode & 0o777 == 0o600
    assert authorized.has(path, "k1")
    assert authorized.take_out(path, "k1")
    assert not authorized.take_out(path, "k1")
    assert authorized.take_out(path, "k2")
    assert path.read_bytes() == OTHERS + b"ssh-rsa CCCC the last line has no end\n"
    assert list(path.parent.iterdir()) == [path]


def test_a_line_with_an_option_of_the_operators_is_ours_too(tmp_path: Path) -> None:
    path = tmp_path / "keys"
    path.write_text(f'from="10.0.0.0/8",{one_line("k1")}\n')
    assert authorized.take_out(path, "k1")
    assert path.read_text() == ""


def test_files_that_are_left_alone(tmp_path: Path) -> None:
    real = tmp_path / "real"
    real.write_text("x\n")
    (tmp_path / "link").symlink_to(real)
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "large").write_bytes(b"x" * (authorized.LARGEST + 1))
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    for name in ("link", "folder", "pipe", "large", "open/keys", "real/keys"):
        with pytest.raises(HelpspaceError):
            authorized.put(tmp_path / name, "k1", one_line("k1"))
    assert real.read_text() == "x\n"
    assert not (tmp_path / "open" / "keys").exists()


KILLED = """
import os, signal, sys
from pathlib import Path
from helpspace.core.files import authorized
path, at = Path(sys.argv[1]), int(sys.argv[2])
calls = 0
def dying(call):
    def run(*args, **named):
        global calls
        calls += 1
        if calls == at:
            os.kill(os.getpid(), signal.SIGKILL)
        return call(*args, **named)
    return run
for name in ("open", "fsync", "fchmod", "rename", "unlink"):
    setattr(os, name, dying(getattr(os, name)))
authorized.put(path, "k1", "NEW helpspace:k1")
print("done")
"""


def test_killed_at_every_step(tmp_path: Path) -> None:
    """The old file or the new one, never half of one; and the next run works."""
    path = tmp_path / "keys"
    found = set()
    for at in range(1, 30):
        path.write_bytes(OTHERS)
        done = subprocess.run(
            [sys.executable, "-c", KILLED, str(path), str(at)],
            capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        )  # fmt: skip
        found.add(path.read_bytes())
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL, done.stderr
    assert done.stdout == "done\n"
    assert found == {OTHERS, OTHERS + b"NEW helpspace:k1\n"}
    assert list(tmp_path.iterdir()) == [path]
