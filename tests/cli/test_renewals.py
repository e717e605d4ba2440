"""A proof that ends, renewed: handed in, judged in commands, told once each (J7, P3)."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest

from helpspace.core import moments, profiles, proofs
from helpspace.core.actors import Actor
from helpspace.core.joining import application, pictures, renewal
from helpspace.core.moments import DAY, LONDON
from helpspace.core.practice import Practice
from helpspace.core.store.tables import Application, Notice, Therapist
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.cli.conftest import CommandLine
from tests.core import applicants
from tests.core.applicants import PDF, TEAM

CERTIFICATE = PDF.decode()


@pytest.fixture
def backend() -> str:
    """SQLite: nothing here is about a database."""
    return "sqlite"


@pytest.fixture
def zoe(practice: Practice) -> str:
    """A counsellor whose profile is visible, and whose insurance ends in ten days."""
    one = applicants.fill_in(practice)
    applicants.submit(practice, one)
    applicants.approve(practice, one)
    ends = practice.now() + 10 * DAY
    makers.set_row(practice, Application, one, insured_until=ends)
    makers.set_row(
        practice, Therapist, one, proofs_until=ends, charges_enabled=1, payouts_enabled=1,
        course_done_at=1,
    )  # fmt: skip
    makers.open_slot(practice, Actor.therapist(one), makers.SOON + 20 * DAY)
    assert profiles.therapist(practice, TEAM, one).visible
    return one


def date_in(practice: Practice, days: int) -> str:
    return (moments.local_date(practice.now(), LONDON) + timedelta(days=days)).isoformat()


def told(practice: Practice) -> list[str]:
    rows = sorted(makers.all_rows(practice, Notice), key=lambda row: row["seq"])
    names = ("proof_", "published")
    return [row["event"] for row in rows if row["event"].startswith(names)]


def files(practice: Practice) -> set[str]:
    return {path.name for path in practice.settings.files.iterdir()}


def test_j7_from_expiring_to_visible_again(
    cli: CommandLine, practice: Practice, clock: MovableClock, zoe: str, tmp_path: Path
) -> None:
    """Each step tells once; a rehearsal changes neither the store nor a file."""
    before = told(practice)
    for _ in range(2):
        proofs.sweep(practice)
    clock.advance(11 * DAY)
    for _ in range(2):
        proofs.sweep(practice)
    assert not profiles.therapist(practice, TEAM, zoe).visible
    until = date_in(practice, 300)
    upload = ("upload", "insurance", until, "--therapist", zoe)
    was, kept = makers.snapshot(practice), files(practice)
    assert cli(*upload, "--dry-run", answer=CERTIFICATE).out.startswith("Would hand in")
    assert "until when" in cli("upload", "insurance", "--therapist", zoe, answer=CERTIFICATE).err
    assert (makers.snapshot(practice), files(practice)) == (was, kept)
    assert "The team looks at it" in cli(*upload, answer=CERTIFICATE).out

    (found,) = cli.json("applications", "renewals")
    assert (found["therapist_id"], found["proof"], found["state"]) == (zoe, "insurance", "waiting")
    one = found["id"]
    assert until in cli("applications", "renewals").out
    assert f"applications open {zoe} {one}" in cli("applications", "renewal", one).out
    path = tmp_path / "seen.pdf"
    assert cli("applications", "open", zoe, one, "--to", str(path)).code == 0
    assert path.read_bytes() == PDF

    was, kept = makers.snapshot(practice), files(practice)
    reject = ("applications", "renewal", one, "--reject", "--reason", "it cannot be read")
    for argv in (reject, ("applications", "renewal", one, "--accept")):
        assert cli(*argv, "--dry-run").out.startswith("Would ")
    assert "needs a reason" in cli("applications", "renewal", one, "--reject").line
    assert (makers.snapshot(practice), files(practice)) == (was, kept)
    assert cli(*reject).out.startswith(f"Rejected the insurance of {applicants.NAME}")
    assert "decided already" in cli("applications", "renewal", one, "--accept").line
    assert cli.json("applications", "renewal", one)["reason"] == "it cannot be read"
    assert "No new proof waits" in cli("applications", "renewals").line

    assert cli(*upload, "--insurer", "New Calm", answer=CERTIFICATE).code == 0
    (again,) = cli.json("applications", "renewals")
    assert not profiles.therapist(practice, TEAM, zoe).visible
    assert cli("applications", "renewal", again["id"], "--accept").out.startswith("Accepted")
    assert profiles.therapist(practice, TEAM, zoe).visible
    seen = application.application(practice, TEAM, zoe)
    assert seen.answers["insurance"] == {"insurer": "New Calm", "insured_until": until}
    proofs.sweep(practice)
    assert told(practice)[len(before) :] == [
        "proof_expiring", "proof_expired", "proof_returned", "published", "proof_accepted",
    ]  # fmt: skip


def test_j7_a_registration_is_looked_up_before_it_is_accepted(
    cli: CommandLine, practice: Practice, zoe: str
) -> None:
    own, until = Actor.therapist(zoe), date_in(practice, 380)
    one = renewal.renew(practice, own, zoe, "registration", until, number="77")
    out = cli("applications", "renewal", one).out
    assert "https://www.bacp.co.uk/search/Register" in out
    assert until in out
    found = cli.json("applications", "renewal", one, "--accept")
    assert (found["state"], found["answers"]["number"]) == ("accepted", "77")
    assert found["register"].startswith("https://")
    seen = application.application(practice, TEAM, zoe)
    assert seen.answers["body"]["number"] == "77"


def test_j7_a_renewal_is_opened_with_its_own_therapist_only(
    cli: CommandLine, practice: Practice, zoe: str, tmp_path: Path
) -> None:
    own = Actor.therapist(zoe)
    one = renewal.renew(practice, own, zoe, "insurance", date_in(practice, 370), raw=PDF)
    other = applicants.fill_in(practice, "other@example.org")
    done = cli("applications", "open", other, one, "--to", str(tmp_path / "x.pdf"))
    assert "no such document" in done.line
    assert not (tmp_path / "x.pdf").exists()


def test_j4_a_new_picture_through_standard_input_is_judged_in_commands(
    cli: CommandLine, practice: Practice, zoe: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A rehearsal changes neither the store nor a file; clients see it once it is accepted."""
    raw = applicants.picture(400, "PNG")
    monkeypatch.setattr("helpspace.cli.upload.standard_input", lambda most: raw[:most])
    upload = ("upload", "picture", "--therapist", zoe)
    was, kept = makers.snapshot(practice), files(practice)
    assert cli(*upload, "--dry-run").out.startswith("Would hand in: Profile picture.")
    assert cli.json(*upload, "--dry-run")["dry_run"]
    assert "go with a new insurance certificate" in cli(*upload[:2], "2030-01-01", *upload[2:]).line
    assert (makers.snapshot(practice), files(practice)) == (was, kept)
    assert cli(*upload).out == "Handed in: Profile picture. The team looks at it.\n"
    before = pictures.picture_of(practice, zoe)

    (found,) = cli.json("applications", "renewals")
    assert (found["proof"], found["until"], found["register"]) == ("picture", None, None)
    one = found["id"]
    assert " picture " in cli("applications", "renewals").out
    out = cli("applications", "renewal", one).out
    assert f"applications open {zoe} {one}" in out
    assert "valid until" not in out
    assert "register" not in out
    path = tmp_path / "seen.png"
    assert cli("applications", "open", zoe, one, "--to", str(path)).code == 0
    assert path.read_bytes().startswith(b"\x89PNG")
    done = cli("applications", "renewal", one, "--accept")
    assert done.out == f"Accepted the picture of {applicants.NAME}.\n"
    assert pictures.picture_of(practice, zoe) != before
    assert told(practice)[-1] == "proof_accepted"
