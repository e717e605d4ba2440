"""The keys by which therapists are known on a shared host: added, listed, revoked (A2)."""

from __future__ import annotations

import base64
import binascii
import hashlib
from dataclasses import dataclass

from helpspace.core.accounts import the_therapist
from helpspace.core.actors import Actor
from helpspace.core.errors import Invalid, NotAllowed, NotFound
from helpspace.core.practice import Practice, View
from helpspace.core.store.tables import SshKey, Therapist

LONGEST = 16_384
"""Characters of a public key's line."""

LEAST_RSA = 3072
"""Bits of an RSA key's modulus."""

_CURVES = {"nistp256": 65, "nistp384": 97, "nistp521": 133}
"""Bytes of an uncompressed point on each curve."""

_WRONG = "Give the one line of a .pub file, such as ~/.ssh/id_ed25519.pub."
_MAKE = "Make a new one: ssh-keygen -t ed25519."


@dataclass(frozen=True, slots=True)
class KeyView:
    """A key for the team: whose, its public line without a comment, and whether it still counts."""

    id: str
    therapist_id: str
    public: str
    created_at: int
    revoked_at: int | None

    @property
    def type(self) -> str:
        """The kind of key, such as ssh-ed25519."""
        return self.public.partition(" ")[0]

    @property
    def fingerprint(self) -> str:
        """What `ssh-keygen -l` shows of it."""
        digest = hashlib.sha256(base64.b64decode(self.public.partition(" ")[2])).digest()
        return f"SHA256:{base64.b64encode(digest).decode().rstrip('=')}"


def read_public(text: str) -> str:
    """Return a public key as "type base64", or refuse it in one line.

    One line without options, of a kind that is still thought safe, whose content is what its first
    word says; the comment is left out.
    """
    if len(text) > LONGEST:
        raise Invalid("That is too long for a public key", _WRONG)
    if "PRIVATE KEY" in text:
        raise Invalid("That is a private key; nobody else should see it", _WRONG)
    lines = [line for line in text.splitlines() if line.strip()]
    if not lines:
        raise Invalid("There is no key", _WRONG)
    if len(lines) > 1 or not text.isascii() or not lines[0].isprintable():
        raise Invalid("That is not one line of a public key", _WRONG)
    kind, _, rest = lines[0].strip().partition(" ")
    encoded = rest.split(" ", 1)[0]
    check = _CHECKS.get(kind)
    if check is None:
        raise Invalid("That is no public key of a kind that is taken here", _MAKE)
    try:
        blob = base64.b64decode(encoded, validate=True)
        parts = _parts(blob)
    except (ValueError, binascii.Error):
        raise Invalid("The key is damaged", _WRONG) from None
    if base64.b64encode(blob).decode() != encoded or not parts or parts[0] != kind.encode():
        raise Invalid("The key is not what its first word says", _WRONG)
    check(kind, parts[1:])
    return f"{kind} {encoded}"


def add(practice: Practice, actor: Actor, therapist_id: str, text: str) -> KeyView:
    """Let a therapist in by a key; the same key twice is no second one.

    Raises Invalid for what is no key, NotAllowed for one of somebody else or a revoked one.
    """
    actor.must_be("team")
    public = read_public(text)
    with practice.change() as tx:
        if tx.lock(Therapist, therapist_id) is None:
            raise NotFound
        there = tx.find(SshKey, "public = ?", public)
        if there is not None:
            if there.revoked_at is not None:
                raise NotAllowed("That key was revoked", _MAKE)
            if there.therapist_id != therapist_id:
                raise NotAllowed("That key is somebody else's", _MAKE)
            return _view(there)
        key_id = tx.practice.ids.new()
        tx.insert(SshKey, id=key_id, therapist_id=therapist_id, public=public, created_at=tx.now)
        tx.audit(actor, "add", "ssh_key", key_id, therapist=therapist_id)
        return KeyView(key_id, therapist_id, public, tx.now, None)


def keys(practice: Practice, actor: Actor, therapist_id: str | None = None) -> list[KeyView]:
    """Return the keys of a therapist, or all, for the team; the oldest first."""
    actor.must_be("team")
    with practice.reading() as view:
        if therapist_id is None:
            rows = view.find_all(SshKey, "1 = 1 ORDER BY created_at, id")
        else:
            the_therapist(view, therapist_id)
            where = "therapist_id = ? ORDER BY created_at, id"
            rows = view.find_all(SshKey, where, therapist_id)
    return [_view(row) for row in rows]


def revoke(practice: Practice, actor: Actor, key_id: str) -> KeyView:
    """Let nobody in by a key any more; terminals that it opened end. Again, it stays revoked."""
    actor.must_be("team")
    with practice.change() as tx:
        row = tx.lock(SshKey, key_id)
        if row is None:
            raise NotFound
        if row.revoked_at is None:
            tx.set(SshKey, "id = ?", key_id, revoked_at=tx.now)
            tx.audit(actor, "revoke", "ssh_key", key_id, therapist=row.therapist_id)
            row.revoked_at = tx.now
        return _view(row)


def lets_in(practice: Practice, therapist_id: str, key_id: str) -> bool:
    """Say whether a key, at this moment, opens this therapist's terminal and nobody else's."""
    if not (key_id.isascii() and key_id.isalnum()):
        return False
    with practice.reading() as view:
        row = _find(view, key_id)
    return row is not None and row.therapist_id == therapist_id and row.revoked_at is None


def _find(view: View, key_id: str) -> SshKey | None:
    return view.find(SshKey, "id = ?", key_id)


def _view(row: SshKey) -> KeyView:
    return KeyView(row.id, row.therapist_id, row.public, row.created_at, row.revoked_at)


def _parts(blob: bytes) -> list[bytes]:
    """Return the strings that a key's content consists of; ValueError when it does not end well."""
    found, at = [], 0
    while at < len(blob):
        length = int.from_bytes(blob[at : at + 4], "big")
        end = at + 4 + length
        if end > len(blob) or at + 4 > len(blob):
            raise ValueError
        found.append(blob[at + 4 : end])
        at = end
    return found


def _is_ed25519(_kind: str, parts: list[bytes]) -> None:
    if len(parts) != 1 or len(parts[0]) != 32:
        raise Invalid("The key is damaged", _WRONG)


def _is_ecdsa(kind: str, parts: list[bytes]) -> None:
    curve = kind.partition("@")[0].rpartition("-")[2]
    wanted = _CURVES[curve]
    if len(parts) != 2 or parts[0] != curve.encode() or len(parts[1]) != wanted:
        raise Invalid("The key is damaged", _WRONG)
    if parts[1][0] != 4:
        raise Invalid("The key is damaged", _WRONG)


def _is_rsa(_kind: str, parts: list[bytes]) -> None:
    if len(parts) != 2:
        raise Invalid("The key is damaged", _WRONG)
    exponent, modulus = (int.from_bytes(part, "big", signed=True) for part in parts)
    if modulus <= 0 or exponent < 3 or not exponent & 1 or not modulus & 1:
        raise Invalid("The key is damaged", _WRONG)
    if not LEAST_RSA <= modulus.bit_length() <= 16_384:
        raise Invalid(f"An RSA key needs at least {LEAST_RSA} bits", _MAKE)


def _on_token(kind: str, parts: list[bytes]) -> None:
    """Check a key that lives on a token: one string more, the application it is made for."""
    if not parts or not parts[-1].startswith(b"ssh:"):
        raise Invalid("The key is damaged", _WRONG)
    (_is_ed25519 if "ed25519" in kind else _is_ecdsa)(kind, parts[:-1])


_CHECKS = {
    "ssh-ed25519": _is_ed25519,
    **{f"ecdsa-sha2-{curve}": _is_ecdsa for curve in _CURVES},
    "ssh-rsa": _is_rsa,
    "sk-ssh-ed25519@openssh.com": _on_token,
    "sk-ecdsa-sha2-nistp256@openssh.com": _on_token,
}
"""The kinds of key that are taken, each with what its content must be."""
