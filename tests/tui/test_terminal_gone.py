"""A terminal whose window is closed takes the app with it, whoever stands in between."""

from __future__ import annotations

import os
import pty
import shlex
import sys

import pytest

from helpspace.core.practice import Practice
from tests.tui import terminal
from tests.tui.scenes import WEDNESDAY, Scene
from tests.tui.stage import LARGE


@pytest.mark.parametrize("trap", [":", ""], ids=["kept to itself", "ignored"])
def test_it_ends_with_its_terminal(week: Practice, scene: Scene, trap: str) -> None:
    """The kernel tells only the leader of the session, such as make, which may keep it."""
    week.store.close()
    url = week.settings.database
    app = [sys.executable, "-c", terminal._PROGRAM, url, scene.therapist.id, str(WEDNESDAY), ""]
    ended, told = os.pipe()
    script = f"trap '{trap}' HUP; {shlex.join(app)} 9>&-; echo $? >&9"
    leader, line = pty.fork()
    if leader == 0:
        terminal.measure(LARGE)
        os.dup2(told, 9)
        environment = {**os.environ, "TERM": "xterm-256color"}
        os.execve("/bin/sh", ["sh", "-c", script], environment)  # noqa: S606
    os.close(told)
    seen = b""
    while b"visible to clients" not in seen:
        seen += os.read(line, 65536)
    os.close(line)
    with os.fdopen(ended) as pipe:
        assert pipe.read().strip() == "129"
    os.waitpid(leader, 0)
