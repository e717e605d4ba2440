"""Every screen of a large terminal, with long names: no control is cut, none is obeyed."""

from __future__ import annotations

import pytest

from helpspace.core.practice import Practice
from tests.tui.conftest import lived_in, scene, week, week_clock  # noqa: F401 - fixtures
from tests.tui.scenes import Scene
from tests.tui.stage import LARGE
from tests.tui.test_fits import ROOT, walk_everywhere


def test_every_screen_in_a_real_terminal(
    week: Practice,  # noqa: F811 - the fixture
    scene: Scene,  # noqa: F811 - same
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path_factory.mktemp("s"))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    walk_everywhere(week, scene, LARGE)
