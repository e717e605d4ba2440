"""The scene's practice, in which the therapist has said something of themselves."""

from __future__ import annotations

import pytest

from helpspace.core import links
from helpspace.core.practice import Practice
from tests.tui.profile.people import WORDS, change
from tests.tui.scenes import Scene


@pytest.fixture
def told(week: Practice, scene: Scene) -> Practice:
    """A practice with a bot, and a profile with words in it."""
    links.remember_bot(week, "helpspace_bot")
    change(week, scene, **WORDS)
    return week
