"""A document of an application in the team member's own viewer, or in a file of their choice."""

from __future__ import annotations

import contextlib
import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING

from helpspace.cli.desk import Desk
from helpspace.cli.options import file_named
from helpspace.core.errors import HelpspaceError, Invalid, NotFound

if TYPE_CHECKING:
    from helpspace.core.joining.application import ApplicationView

ENDS = {"pdf": "pdf", "png": "png", "jpeg": "jpg"}
KEEP = "Keep it in a file with --to FILE."


def content_of(desk: Desk, view: ApplicationView, document_id: str) -> tuple[str, bytes]:
    """Return a document's ending and content; the look is on the trail."""
    from helpspace.core.joining import documents, renewal

    mine = renewal.renewals(desk.practice, desk.team, therapist_id=view.therapist_id)
    if any(one.id == document_id and one.file for one in mine):
        kind, raw = renewal.look_at(desk.practice, desk.team, document_id)
        return ENDS[kind], raw
    if all(one.id != document_id for one in view.documents):
        raise NotFound("There is no such document", "Look it up with `applications show`.")
    kind, raw = documents.look_at(desk.practice, desk.team, document_id)
    return ENDS[kind], raw


def keep(desk: Desk, view: ApplicationView, document_id: str, named: str) -> Path:
    """Write a document into a new file that only its owner can read."""
    path = file_named(named)
    if os.path.lexists(path):
        raise Invalid(f"{path} is there already", "Choose another name.")
    if not path.parent.is_dir():
        raise Invalid(f"There is no folder {path.parent}", "Choose another place.")
    _, raw = content_of(desk, view, document_id)
    try:
        _write(path, raw)
    except OSError as error:
        raise HelpspaceError(
            f"{path} could not be written ({error.strerror})", "Choose another place."
        ) from None
    return path


def look(desk: Desk, view: ApplicationView, document_id: str) -> None:
    """Open a document in the viewer until the person has looked; then the copy is gone."""
    viewer = viewer_here()
    if not desk.at_terminal:
        raise HelpspaceError("A viewer needs somebody to look", KEEP)
    if viewer is None:
        raise HelpspaceError("There is no viewer on this machine", KEEP)
    end, raw = content_of(desk, view, document_id)
    place = os.environ.get("XDG_RUNTIME_DIR")
    private = place if place and Path(place).is_dir() else None
    with tempfile.TemporaryDirectory(prefix="helpspace-", dir=private) as folder:
        path = Path(folder, f"document.{end}")
        _write(path, raw)
        started = subprocess.Popen(  # noqa: S603 - their own viewer, on a name of ours
            [viewer, str(path)],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            sys.stderr.write("Press Enter when you have looked; the copy is removed then. ")
            sys.stderr.flush()
            sys.stdin.readline()
        finally:
            with contextlib.suppress(subprocess.TimeoutExpired):
                # What starts a viewer ends at once; a viewer itself may stay open.
                started.wait(0.1)


def viewer_here() -> str | None:
    """Return what opens files in a window here, or None where there is none."""
    if sys.platform == "darwin":
        return shutil.which("open")
    if os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"):
        return shutil.which("xdg-open")
    return None


def _write(path: Path, raw: bytes) -> None:
    """Write a new file, 0600; one that is there is never overwritten."""
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC
    with os.fdopen(os.open(path, flags, 0o600), "wb") as file:
        file.write(raw)
        file.flush()
        os.fsync(file.fileno())
