"""Every name in every command's table and JSON: literal, whole, and obeyed by nothing (A3, A3a)."""

from __future__ import annotations

import pytest

from helpspace.core import booking, invitations, links, notices, tickets, time_off
from helpspace.core.actors import Actor
from helpspace.core.practice import Practice
from helpspace.core.vault import Vault
from tests import makers
from tests.cli.conftest import CommandLine
from tests.core.applicants import fill_in, submit
from tests.surfaces.commands import all_commands
from tests.surfaces.names import NAMES, TEXTS, WORSE, harmless, shown, texts

NAMING = {
    "therapists list", "therapists show", "clients list", "clients show", "clients export",
    "applications list",
    "applications show", "tui", "audit",
}  # fmt: skip
"""Commands whose JSON has a name or a reason in it."""

ELSEWHERE = {
    "demo", "serve", "sandbox serve", "populate", "init", "doctor", "reconcile", "store mend-clock",
    "store backup", "store restore", "store move-to-postgres",
    "charges retry", "charges receipt", "payouts",
    "join", "upload", "applications review", "applications approve", "applications return",
    "applications open", "applications renewal", "therapists invite", "therapists ssh-key add",
    "therapists ssh-key revoke",
}  # fmt: skip
"""Commands that show nothing of a person, or only what they were just given: `tests/cli` runs
them, some with stand-ins."""


def commands(practice: Practice, raw: str) -> dict[str, tuple[str, ...]]:
    """Return a practice's commands with arguments that work, in an order that works."""
    therapist, client = makers.add_therapist(practice), makers.add_client(practice)
    booked = makers.session(practice, therapist, client).id
    slot = makers.open_slot(practice, therapist, makers.SOON + 7200)
    makers.set_row(practice, makers.Client, client.id, charges_stopped_at=1)
    late = makers.follow_up(practice, therapist, client, makers.NOW + 3600).id
    practice.clock.advance(3700)
    booking.report_absence(practice, client, late)
    away = makers.NOW + 60 * 86_400
    off = time_off.take(practice, therapist, therapist.id, away, away + 86_400, cancel=False)
    errand = notices.claim(practice, "sender")[0]
    notices.failed(practice, errand, "smtp_550", for_good=True)
    reason = ("--reason", shown(raw) if "\x00" in raw else raw)
    letter = tickets.write(practice, client, "question", "Hello?").id
    links.remember_bot(practice, "helpspace_bot")
    invited = invitations.invite(practice, therapist).id
    other = makers.follow_up(practice, therapist, client, makers.SOON + 5 * 86_400).id
    booking.ask_to_move(practice, client, other)
    applicant = fill_in(practice)
    submit(practice, applicant)
    return {
        "therapists list": (),
        "therapists show": (therapist.id,),
        "clients list": (),
        "clients show": (client.id,),
        "clients export": (client.id,),
        "clients tickets list": (),
        "clients tickets show": (letter,),
        "clients tickets answer": (letter, "--text", reason[1]),
        "clients invitations list": ("--therapist", therapist.id),
        "clients invitations make": ("--therapist", therapist.id, *reason),
        "clients invitations withdraw": (invited, "--therapist", therapist.id, *reason),
        "clients resume-charges": (client.id, *reason),
        "applications list": (),
        "applications renewals": (),
        "applications show": (applicant,),
        "applications registered": (applicant,),
        "therapists suspend": (therapist.id, *reason),
        "therapists reinstate": (therapist.id, *reason),
        "therapists unlock": (therapist.id, *reason),
        "therapists ssh-key list": (),
        "slots list": (),
        "slots open": ("--therapist", therapist.id, "--start", "2026-03-09T09:00", *reason),
        "slots close": (slot,),
        "slots time-off list": (),
        "slots time-off take": (
            "--therapist",
            therapist.id,
            "--start",
            "2026-04-06",
            "--end",
            "2026-04-13",
            *reason,
        ),
        "slots time-off lift": (off.time_off.id, *reason),
        "appointments list": (),
        "appointments show": (booked,),
        "appointments export-ics": ("--therapist", therapist.id),
        "appointments book": (
            "--therapist",
            therapist.id,
            "--client",
            client.id,
            "--start",
            "2026-03-13T09:00",
            *reason,
        ),
        "appointments move": (
            booked,
            "--start",
            "2026-03-16T09:00",
            "--asked-by",
            "therapist",
            *reason,
        ),
        "appointments refuse-move": (other, *reason),
        "appointments cancel": (booked, "--as", "client", *reason),
        "appointments waive": (late, *reason),
        "appointments no-show": (late,),
        "appointments absences": (),
        "appointments absence": (late, "--agree", *reason),
        "charges list": (),
        "charges explain": (booked,),
        "report income": ("--tax-year", "2026"),
        "refunds list": (),
        "notices list": (),
        "notices resend": (str(errand.seq),),
        "jobs list": (),
        "jobs run": ("holds", "reminders", "proofs", "housekeeping"),
        "store check": (),
        "store stats": (),
        "audit": (),
        "clients erase": (client.id, *reason),
        "tui": ("--therapist", therapist.id),
    }


@makers.ON_SQLITE
@pytest.mark.parametrize("raw", [*NAMES, *WORSE])
def test_every_name_in_every_command(
    cli: CommandLine, practice: Practice, monkeypatch: pytest.MonkeyPatch, raw: str
) -> None:
    table = commands(practice, raw)
    assert set(table) | ELSEWHERE == set(all_commands())
    honest = Vault.open

    def opened(vault: Vault, sealed: bytes, column: str) -> str:
        text = honest(vault, sealed, column)
        return raw if column in TEXTS else text

    monkeypatch.setattr(Vault, "open", opened)
    changing = {
        "slots open", "slots close", "appointments book", "appointments cancel", "notices resend",
        "appointments move", "appointments waive", "appointments no-show", "appointments absence",
        "slots time-off take", "slots time-off lift", "clients resume-charges",
        "clients tickets answer", "clients erase", "appointments refuse-move",
        "clients invitations make", "clients invitations withdraw",
        "applications registered", "therapists suspend", "therapists reinstate",
        "therapists unlock",
    }  # fmt: skip
    for path, argv in table.items():
        whole = (*path.split(), *argv)
        if path != "tui":
            rehearsed = ("--dry-run",) if path in changing else ()
            person = cli(*whole, *rehearsed)
            assert person.code == 0, person.err
            ends = "\r\n" if path == "appointments export-ics" else "\n"  # RFC 5545 asks for it
            harmless(person.out.replace(ends, "\n") + person.err)
            if path in NAMING - {"clients export"}:  # that one is JSON for people too
                assert shown(raw)[:20] in person.out, (path, person.out)
        asks = path.startswith("appointments") or path in ("slots time-off take", "clients erase")
        agreed = ("--yes",) if asks and path in changing else ()
        found = list(texts(cli.json(*whole, *agreed)))
        for text in found:
            harmless(text, allowed="")
        if path in NAMING:
            assert any(shown(raw)[:60] in text for text in found), (path, found)


@makers.ON_SQLITE
def test_a_reason_is_stored_clean(cli: CommandLine, practice: Practice, therapist: Actor) -> None:
    """A3: cleaned when it is stored, not only when it is shown."""
    slot = ("slots", "open", "--start", "2026-03-09T09:00", "--reason")
    assert cli(*slot, NAMES[2]).code == 0
    (row,) = [one for one in makers.snapshot(practice)["audit"] if one["act"] == "open"]
    assert practice.vault.open(row["why_sealed"], "audit.why") == shown(NAMES[2])


def test_no_command_writes_a_table_for_spreadsheets() -> None:
    """A3: one that does needs a test of its own that no cell begins a formula.

    `report income` has it in `tests/cli/test_money.py`.
    """
    for path, command in all_commands().items():
        assert "csv" not in (command.help or "").lower() or path == "report income", path
