"""A therapist who has said something of themselves, and short words for their editor."""

from __future__ import annotations

import pytest

from helpspace.core.joining import profile
from helpspace.core.practice import Practice
from helpspace.tui.profile.editor import ProfileEditor
from tests.tui.scenes import Scene
from tests.tui.stage import LARGE, SMALL, Stage

SIZES = pytest.mark.parametrize(("name", "size"), [("80x24", SMALL), ("140x40", LARGE)])

WORDS = {
    "headline": "A calm hour with somebody who listens",
    "about": "I have worked with adults for twelve years.\nWe go at your pace.",
    "concerns": "Anxiety\nGrief\nWork",
    "approaches": "Person-centred\nCBT",
    "handle": "zoe-obrien",
}


def change(practice: Practice, scene: Scene, **changes: str) -> None:
    """Save some fields of the therapist's profile."""
    own = scene.therapist
    version = profile.profile_draft(practice, own, own.id).version
    profile.change_profile(practice, own, own.id, changes, version=version)


def editor(stage: Stage) -> ProfileEditor:
    """Return the editor, which is open."""
    screen = stage.app.screen
    assert isinstance(screen, ProfileEditor)
    return screen
