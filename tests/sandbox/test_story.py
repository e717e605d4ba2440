"""The story as text: the same words each time, and it fails where a rule is broken."""

from __future__ import annotations

import asyncio
import io
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from helpspace.core import policy
from helpspace.core.policy import Kind
from helpspace.sandbox.demo.story import SAM, play
from helpspace.sandbox.demo.world import World

GOLDEN = Path(__file__).parent / "golden" / "story.txt"


def told(prepare: Callable[[World], None] | None = None) -> tuple[int, str]:
    """Play the story; return how much was wrong, and its text."""
    out = io.StringIO()
    return asyncio.run(play(out, prepare)), out.getvalue()


def test_everything_is_as_the_rules_say_in_the_same_words_each_time() -> None:
    wrong, text = told()
    if os.environ.get("UPDATE_GOLDEN") == "1":
        GOLDEN.parent.mkdir(exist_ok=True)
        GOLDEN.write_text(text, encoding="utf-8")
    assert wrong == 0, text
    assert "✗" not in text
    assert text.splitlines() == GOLDEN.read_text(encoding="utf-8").splitlines()


def test_it_fails_when_the_window_to_decide_is_another(monkeypatch: pytest.MonkeyPatch) -> None:
    """M1: 48 hours, not 47."""

    def shorter(_kind: Kind, start: int, _booked_at: int) -> int:
        return start - 47 * 3600

    monkeypatch.setattr(policy, "free_until", shorter)
    wrong, text = told()
    assert wrong
    assert "✗ booked: £45, initial, free to cancel until Mon 9 Mar 13:00" in text


def test_it_fails_when_stripe_gives_nothing_back() -> None:
    """M3: whatever was charged goes back."""

    def stingy(world: World) -> None:
        world.stripe.faults.add("503", "POST", "/v1/refunds", times=None)

    wrong, text = told(stingy)
    assert wrong
    assert "✗ at Stripe: £60 taken, £0 given back, but it should be £60 taken, £60 given" in text
    assert "✗ kept in all: £165, but it should be £105" in text


def test_it_fails_when_a_mail_is_lost_or_sent_twice() -> None:
    """N5: one notice for an event, a party and a channel."""

    def careless(world: World) -> None:
        world.mails.fail("double", recipient=SAM, nth=4)
        world.mails.fail("refuse", recipient=SAM, nth=5)

    wrong, text = told(careless)
    assert wrong
    assert "✗ mails to Sam: charged, charged, but it should be charged" in text
    assert "✗ mails to Sam: none, but it should be reminder" in text


def test_it_ends_in_one_line_where_it_cannot_go_on() -> None:
    def silent(world: World) -> None:
        world.telegram.faults.add("server_error", "sendMessage", times=1000)

    wrong, text = told(silent)
    assert wrong == 1
    assert "✗ the story ends here: NotOnScreenError" in text
    assert "Traceback" not in text


@pytest.mark.long
def test_as_a_process_it_exits_with_0(tmp_path: Path) -> None:
    """Asked for, and in a pipe, where nobody could use the terminal."""
    running = [
        subprocess.Popen(
            [sys.executable, "-m", "helpspace", "demo", *asked],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env={**os.environ, "TMPDIR": str(tmp_path)},
        )
        for asked in (["--story"], [])
    ]
    for process in running:
        out, err = process.communicate()
        assert (process.returncode, err.decode()) == (0, "")
        assert out.decode().endswith("Everything was as the rules say.\n")
    assert list(tmp_path.iterdir()) == []
