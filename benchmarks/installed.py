"""Helpspace as people install it: an environment with nothing but the lock for running it.

The developers' environment would not do: Peewee imports psycopg wherever that is installed.
"""

from __future__ import annotations

import base64
import subprocess
import sys
from pathlib import Path

from tests.makers import KEY

ROOT = Path(__file__).parent.parent
VENV = ROOT / ".venv-run"
LOCK = "requirements/run.txt"
INSTALL = "requirements/install.sh"


def python() -> Path:
    """Return its interpreter; it is made when it is missing or older than what makes it."""
    stamp = VENV / ".made"
    newest = max((ROOT / name).stat().st_mtime for name in (LOCK, INSTALL))
    if not stamp.exists() or stamp.stat().st_mtime < newest:
        sys.stdout.write("  (making .venv-run)\n")
        subprocess.run(["sh", INSTALL, sys.executable, VENV.name, LOCK], cwd=ROOT, check=True)
        stamp.touch()
    return VENV / "bin" / "python"


def environment(url: str, home: Path) -> dict[str, str]:
    """Return the environment of a person with a store and its key, and a home of their own."""
    key = home / "helpspace.key"
    if not key.exists():
        key.write_bytes(base64.b64encode(KEY) + b"\n")
        key.chmod(0o600)
    return {
        "HOME": str(home),
        "PATH": "/usr/bin:/bin",
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "HELPSPACE_DATABASE": url,
        "HELPSPACE_KEY_FILE": str(key),
        "HELPSPACE_VIDEO": "https://video.example.org",
    }
