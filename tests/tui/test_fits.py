"""Every screen of a real terminal is whole, and harmless whatever people are called (A3)."""

from __future__ import annotations

import json
from dataclasses import asdict
from pathlib import Path

import pytest

from helpspace.core.practice import Practice
from tests.tui.doors import prepare
from tests.tui.everywhere import PROGRAM, lengthened
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.stage import SMALL, Stage, play
from tests.tui.terminal import Terminal, only_drawn

ROOT = Path(__file__).parents[2]


@pytest.mark.long
def test_every_screen_in_a_real_terminal(
    week: Practice,
    scene: Scene,
    tmp_path_factory: pytest.TempPathFactory,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The large terminal is looked at in the same way by `make soak`."""
    monkeypatch.chdir(tmp_path_factory.mktemp("s"))  # a path of a length that people have
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    walk_everywhere(week, scene, SMALL)


def walk_everywhere(week: Practice, scene: Scene, size: tuple[int, int]) -> None:
    """Open everything in a terminal of this size: nothing is cut, and no byte commands it."""
    prepare(week, scene)
    scene = lengthened(week, scene)
    week.store.close()
    url = week.settings.database
    folder = Path(url.removeprefix("sqlite:///")).parent
    (folder / "scene.json").write_text(json.dumps(asdict(scene)))
    with Terminal(
        url, scene.therapist.id, WEDNESDAY, size, program=PROGRAM, drawn=False
    ) as terminal:
        assert terminal.wait(110) == 0
    assert (folder / "found.txt").read_text() == ""
    assert len(terminal.raw) > 100_000
    only_drawn(terminal.raw)


def test_a_long_refusal_is_read_to_its_end(week: Practice, scene: Scene) -> None:
    """What is said takes the lines it needs, and gives them back to the calendar afterwards."""
    from helpspace.core.errors import HelpspaceError

    words = "Somebody has changed this session from another place", "Look at it anew. " * 6

    async def walk(stage: Stage) -> None:
        status = stage.pane.status
        await stage.go(scene.friday)
        cursor, tall = stage.pane.grid.cursor, stage.pane.grid.size.height
        status.refuse(HelpspaceError(words[0], words[1].strip()))
        await stage.settle()
        assert status.size.height == 3
        assert " ".join(stage.text.split()).count("Look at it anew.") == 6
        assert stage.pane.grid.cursor == cursor
        status.clear()
        await stage.settle()
        assert (status.size.height, stage.pane.grid.size.height) == (1, tall)

    play(week, scene.therapist, walk, SMALL)
