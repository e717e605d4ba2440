"""A practice with a folder for files, in which an application is begun, filled in, or approved."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from helpspace.core.practice import Practice
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.core import applicants


@pytest.fixture
def room(sqlite_template: Path, tmp_path: Path, clock: MovableClock) -> Iterator[Practice]:
    """A practice with nobody in it."""
    path = tmp_path / "join.db"
    shutil.copy(sqlite_template, path)
    path.chmod(0o600)
    made = makers.practice_at(f"sqlite:///{path}", clock, seed=7, FILES=str(tmp_path / "files"))
    yield made
    made.store.close()


@pytest.fixture
def beside(room: Practice) -> Iterator[Practice]:
    """A second practice on the same store, as another terminal would have it."""
    made = makers.beside(room, seed=8)
    made = replace(made, settings=replace(made.settings, files=room.settings.files))
    yield made
    made.store.close()


@pytest.fixture
def begun(room: Practice) -> str:
    """A counsellor who has only begun."""
    return applicants.application.begin(room, applicants.NAME, applicants.EMAIL)


@pytest.fixture
def filled(room: Practice) -> str:
    """A counsellor whose application is complete."""
    return applicants.fill_in(room)


@pytest.fixture
def approved(room: Practice, filled: str) -> str:
    """A counsellor whose application is approved."""
    applicants.submit(room, filled)
    applicants.approve(room, filled)
    return filled


@pytest.fixture
def papers(tmp_path: Path) -> Path:
    """A folder with a certificate, a picture and what is neither."""
    folder = tmp_path / "my papers"
    (folder / "more").mkdir(parents=True)
    (folder / "diploma.pdf").write_bytes(applicants.PDF)
    (folder / "Zoë's face.png").write_bytes(applicants.picture(form="PNG"))
    (folder / "notes.txt").write_text("private")
    (folder / ".hidden.pdf").write_bytes(applicants.PDF)
    (folder / "link.pdf").symlink_to(folder / "diploma.pdf")
    (folder / "more" / "insurance.pdf").write_bytes(applicants.PDF)
    return folder
