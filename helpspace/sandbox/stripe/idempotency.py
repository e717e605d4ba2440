"""What Stripe remembers under an idempotency key, and for how long."""

from __future__ import annotations

import hashlib
import json
from collections import OrderedDict
from dataclasses import dataclass

from helpspace.sandbox.stripe.answers import Call
from helpspace.sandbox.stripe.errors import invalid, key_in_use, key_mismatch

LIFE = 86_400
LONGEST = 255


@dataclass(frozen=True)
class Saved:
    """The first answer to a request with a key, whatever it was."""

    fingerprint: str
    at: int
    status: int
    body: bytes
    request_id: str


def fingerprint(call: Call) -> str:
    """The same for the same request, whatever the order of its parameters."""
    asked = json.dumps([call.method, call.path, call.account, call.raw], sort_keys=True)
    return hashlib.sha256(asked.encode()).hexdigest()


class Keys:
    """The answers kept under keys for 24 hours of the sandbox's clock."""

    def __init__(self) -> None:
        self._saved: OrderedDict[str, Saved] = OrderedDict()
        self._running: set[str] = set()

    def begin(self, call: Call, now: int) -> Saved | None:
        """The kept answer, or None and the key is taken until `release`.

        Refuses a key that is too long, in use, or was first used for another request.
        """
        if call.key is None:
            return None
        if len(call.key) > LONGEST:
            raise invalid(f"An idempotency key has at most {LONGEST} characters.")
        self._forget(now)
        slot = self._slot(call)
        if slot in self._running:
            raise key_in_use(call.key)
        saved = self._saved.get(slot)
        if saved is None:
            self._running.add(slot)
            return None
        if saved.fingerprint != fingerprint(call):
            raise key_mismatch(call.key)
        return saved

    def keep(self, call: Call, now: int, status: int, body: bytes) -> None:
        """Remember the first answer."""
        if call.key is not None:
            self._saved[self._slot(call)] = Saved(
                fingerprint(call), now, status, body, call.request_id
            )

    def release(self, call: Call) -> None:
        """The request has ended."""
        if call.key is not None:
            self._running.discard(self._slot(call))

    def _forget(self, now: int) -> None:
        while self._saved:
            slot, oldest = next(iter(self._saved.items()))
            if oldest.at > now - LIFE:
                return
            del self._saved[slot]

    @staticmethod
    def _slot(call: Call) -> str:
        """Keys are counted per account, as Stripe does."""
        return f"{call.account}\n{call.key}"
