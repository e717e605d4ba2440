"""One story killed at each commit and each call to Stripe, and gone on with (M3, M5, M9, D1).

All of them are in tests/soak/test_killed_stories.py.
"""

from __future__ import annotations

from pathlib import Path

from tests.core.workers import Worker
from tests.races.stories import STORIES

CONDUCT = """
from tests.races.killing import every_kill

name, template = sys.argv[1:]
say(tuple(every_kill(name, template)))
"""


def test_m9_a_story_killed_at_each_moment_ends_the_same(sqlite_template: Path) -> None:
    """Charged, cancelled by the therapist, refunded: one hash of sessions, ledger and notices."""
    worker = Worker(CONDUCT, "cancelled by the therapist", str(sqlite_template))
    kills, commits, calls, _, broken = worker.finish()[0]
    assert broken == []
    assert kills == 2 * (commits + len(calls))
    assert commits >= 15
    asked = [one.partition(" ")[2].partition("/pi_")[0] for one in calls]
    assert asked == ["account", "payment_intents", "payment_intents", "refunds", "refunds"]


def test_the_stories_cover_what_can_become_of_a_fee() -> None:
    assert len(STORIES) >= 12
