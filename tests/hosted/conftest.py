"""A host with two therapists, each with a client of their own; collected where sshd is there."""

from __future__ import annotations

import base64
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from helpspace.core import terminal
from helpspace.core.actors import Actor
from helpspace.core.joining import application
from helpspace.core.moments import DAY
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.hosted import host as hosts
from tests.hosted.host import Host

collect_ignore = [] if hosts.is_here() else ["test_sshd.py", "test_sshd_keys.py"]


@dataclass(frozen=True)
class Shared:
    """The host, two therapists who are published, one who has just begun, and a key of each."""

    host: Host
    zoe: Actor
    ali: Actor
    newcomer: str
    zoes: Path
    alis: Path
    newcomers: Path


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Shared]:
    folder = tmp_path_factory.mktemp("host")
    store = folder / "store" / "helpspace.db"
    store.parent.mkdir(mode=0o700)
    shutil.copy(sqlite_template, store)
    store.chmod(0o600)
    key = folder / "helpspace.key"
    key.write_bytes(base64.b64encode(makers.KEY))
    config = folder / "helpspace.env"
    config.write_text(
        f"HELPSPACE_DATABASE=sqlite:///{store}\nHELPSPACE_KEY_FILE={key}\n"
        "HELPSPACE_VIDEO=https://video.example.org\nHELPSPACE_TELEGRAM_TOKEN=123456:secretsecret\n"
    )
    key.chmod(0o600)
    config.chmod(0o600)
    clock = MovableClock(int(time.time()))
    practice = makers.practice_at(f"sqlite:///{store}", clock)
    people = []
    for name, client in (("Zoë O'Brien", "Wilhelmina"), ("Ali Reza", "Bartholomew")):
        until = clock.now() + 365 * DAY
        therapist = makers.add_therapist(practice, name, proofs_until=until)
        terminal.end_tour(practice, therapist)
        start = clock.now() // DAY * DAY + 4 * DAY + 10 * 3600
        makers.session(practice, therapist, makers.add_client(practice, client), start)
        makers.open_slot(practice, therapist, start + 7200)
        people.append(therapist)
    host = Host(folder, practice)
    with hosts.serving(host):
        zoe, ali = people
        newcomer = application.begin(practice, "Newcomer", "new@example.org", by=makers.TEAM)
        keys = (host.add_key(one, one_id) for one, one_id in (
            ("zoe", zoe.id), ("ali", ali.id), ("new", newcomer),
        ))  # fmt: skip
        yield Shared(host, zoe, ali, newcomer, *keys)
    practice.store.close()
