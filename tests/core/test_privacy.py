"""A copy of the store without its key shows nobody: its bytes are searched (D7)."""

from __future__ import annotations

import base64
import json
import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import quote

import psycopg
import pytest

from helpspace.core import (
    accounts,
    booking,
    calendar,
    confirm,
    inbox,
    notices,
    terminal_lock,
    tickets,
)
from helpspace.core.actors import Actor
from helpspace.core.cards import CardFound
from helpspace.core.errors import StoreFault
from helpspace.core.ids import Ids
from helpspace.core.inbox import Place
from helpspace.core.joining import application, renewal, review
from helpspace.core.practice import Practice
from helpspace.core.store.tables import TABLES, Audit
from helpspace.core.vault import Vault
from helpspace.sandbox.clock import MovableClock
from tests.core import applicants
from tests.makers import (
    DAY,
    NOW,
    SOON,
    TEAM,
    add_client,
    all_rows,
    follow_up,
    give_card,
    hold,
    open_page,
    open_slot,
    session,
)

CANARIES = (
    "Canaryname", "canary.client@example.org", "8123456789", "Canarytherapist",
    "canary.therapist@example.org", "canary-contact", "canaryhandle", "canary-headline",
    "canary-about", "canary-reason", "canary-payload", "canary-draft", "canary-wish",
    "canary-verdict", "canary-answer", "canary-letter", "canary-reply",
    "canary-returned", "canary-insurer", "canary-file", "canary-wrong", "Канарейка",
    "video.example.org", "pay.example.org",
)  # fmt: skip


@pytest.fixture
def lived_in(practice: Practice, clock: MovableClock, tmp_path: Path) -> Practice:
    """A practice in which people with telling names have done a bit of everything."""
    return live(practice, tmp_path / "files")


def live(practice: Practice, files: Path) -> Practice:
    """Let people with telling names do a bit of everything, with a folder for their files."""
    settings = replace(practice.settings, files=files)
    practice = replace(practice, settings=settings)
    new = accounts.NewTherapist(
        "Canarytherapist", "canary.therapist@example.org", "canaryhandle", "canary-contact",
        "canary-headline", "canary-about",
    )  # fmt: skip
    with practice.change() as tx:
        therapist = Actor.therapist(
            accounts.add_therapist(tx, TEAM, new, account="acct_1", proofs_until=NOW + 99 * DAY)
        )
    client = add_client(practice, "Canaryname", "canary.client@example.org", 8123456789)
    wished = {"wishes": {"concerns": ["canary-wish"]}}
    inbox.move_to(practice, 8123456789, Place("1:wishes", wished, 1))
    booked = session(practice, therapist, client)
    follow_up(practice, therapist, client, SOON + DAY)
    report_in_vain(practice, therapist, client)
    booking.cancel(practice, TEAM.on_behalf_of("client", client.id, "canary-reason"), booked.id)
    accounts.set_name(practice, client, "Канарейка")
    letter = tickets.write(practice, client, "question", "canary-letter").id
    tickets.answer(practice, TEAM, letter, "canary-reply")
    newcomer = add_client(practice, "Canaryname", card=False)
    held = hold(practice, newcomer, open_slot(practice, therapist, SOON + 2 * DAY))
    open_page(practice, newcomer, held.request_id)
    give_card(practice, client, CardFound("pm_2", "visa", "4242", 1, 2030))
    inbox.take_in(practice, [(1, 8123456789, "text", {"text": "canary-payload"})])
    inbox.move_to(practice, 8123456789, Place("name", {"name": "canary-draft"}, 1))
    confirm.make_token(practice, client.id)
    for errand in notices.claim(practice, "s"):
        notices.failed(practice, errand, "refused")
    apply_in_vain(practice)
    renew_in_vain(practice)
    terminal_lock.keep_lock(practice, therapist, "canary-passphrase", 10)
    return practice


def report_in_vain(practice: Practice, therapist: Actor, client: Actor) -> None:
    """Let a client report that nobody came, which the team does not find to be so (M9)."""
    begun = follow_up(practice, therapist, client, practice.now() + 60).id
    practice.clock.advance(60)
    booking.report_absence(practice, client, begun)
    booking.answer_absence(practice, TEAM, begun, agreed=False, reason="canary-answer")


def renew_in_vain(practice: Practice) -> None:
    """Let somebody who has been approved renew a proof, which is not accepted (J7)."""
    one = applicants.fill_in(practice, "canary.second@example.org")
    own = Actor.therapist(one)
    applicants.submit(practice, one)
    applicants.approve(practice, one)
    renewed = renewal.renew(
        practice, own, one, "insurance", "2028-01-01", insurer="canary-insurer",
        name="canary-file", raw=applicants.PDF,
    )  # fmt: skip
    renewal.judge(practice, TEAM, renewed, accepted=False, reason="canary-wrong")


def apply_in_vain(practice: Practice) -> None:
    """Let somebody hand in an application, which comes back with reasons (J4)."""
    one = applicants.fill_in(practice)
    applicants.submit(practice, one)
    seen = application.application(practice, TEAM, one)
    bad = seen.of_kind("insurance")[0].id
    review.judge(
        practice, TEAM, one, f"document:{bad}", accepted=False, reason="canary-verdict",
        version=seen.version,
    )  # fmt: skip
    for part in review.parts_of(seen):
        if part != f"document:{bad}":
            review.judge(
                practice, TEAM, one, part, accepted=True, reason="",
                version=applicants.version(practice, one),
            )  # fmt: skip
    version = applicants.version(practice, one)
    review.return_(practice, TEAM, one, "canary-returned", version=version)


def everything_in(practice: Practice) -> bytes:
    """Return all that a thief of the store would have, uploaded documents too."""
    files = [path for path in practice.settings.files.rglob("*") if path.is_file()]
    assert files
    if not practice.store.postgresql:
        folder = Path(str(practice.store.path)).parent
        beside = [path for path in folder.iterdir() if path.is_file()]
        assert any(path.name.endswith("-wal") and path.stat().st_size for path in beside)
        return b"".join(path.read_bytes() for path in beside + files)
    with psycopg.connect(practice.settings.database) as connection:
        query = "SELECT tablename FROM pg_tables WHERE schemaname = 'public'"
        names = [row[0] for row in connection.execute(query)]
        assert {model._meta.table_name for model in TABLES} <= set(names)
        texts = []
        for name in names:
            rows = connection.execute(f'SELECT t::text FROM "{name}" t')
            texts += [row[0] for row in rows]
    # Binary columns are shown in hexadecimal.
    raw = b"".join(bytes.fromhex(part) for text in texts for part in hex_parts(text))
    return "\n".join(texts).encode() + raw + b"".join(path.read_bytes() for path in files)


def hex_parts(text: str) -> list[str]:
    return [part for part in re.findall(r"\\x([0-9a-f]+)", text) if len(part) % 2 == 0]


def forms_of(canary: str) -> set[bytes]:
    """Return the ways in which a text may lie in a file, in the case that it has there."""
    utf8 = canary.encode()
    forms = {utf8, canary.encode("utf-16-le"), canary.encode("utf-16-be"), utf8.hex().encode()}
    forms |= {json.dumps(canary)[1:-1].encode(), quote(canary).encode(), utf8[::-1]}
    for before in range(3):  # base64 has three ways to write a text, by where it begins
        coded = base64.b64encode(b"\0" * before + utf8)
        forms.add(coded[-(-before * 4 // 3) :].rstrip(b"=")[:-1])
        forms.add(base64.urlsafe_b64encode(b"\0" * before + utf8)[-(-before * 4 // 3) :][:-4])
    return {form for form in forms if len(form) > 5}


def test_d7_the_forms_are_those_that_machines_write() -> None:
    text = "Канарейка of the coal mine"
    for before in ("", "a", "ab"):
        coded = base64.b64encode((before + text + " and more").encode())
        assert any(form in coded for form in forms_of(text))


def test_d7_the_bytes_of_the_store_name_nobody(lived_in: Practice) -> None:
    found = everything_in(lived_in)
    assert b"acct_1" in found  # we did look at the store
    small = found.lower()
    for canary in (*CANARIES, applicants.NAME, applicants.EMAIL):
        for form in forms_of(canary):
            assert form not in found, (canary, form)
        for encoding in ("utf-8", "utf-16-le", "utf-16-be"):
            assert canary.lower().encode(encoding) not in small, canary


def test_d7_every_sealed_column_was_filled(lived_in: Practice) -> None:
    """A new personal field has to be lived in above, else the search says nothing about it."""
    for model in TABLES:
        rows = all_rows(lived_in, model)
        for name in model._meta.sorted_field_names:
            if name.endswith(("sealed", "_hash")):
                filled = [row[name] for row in rows if row[name]]
                assert filled, (model.__name__, name)
                if name.endswith("sealed"):
                    assert all(len(bytes(value)) >= 28 for value in filled), name
                else:
                    assert all(re.fullmatch("[0-9a-f]{32}", value) for value in filled), name


def test_d7_another_key_opens_nothing(lived_in: Practice) -> None:
    thief = Practice(lived_in.store, lived_in.settings, Vault(bytes(32)), lived_in.clock, Ids())
    with pytest.raises(StoreFault, match="key does not fit"):
        accounts.clients(thief, TEAM)
    assert accounts.client_of_chat(thief, 8123456789) is None
    assert accounts.client_of_chat(lived_in, 8123456789) is not None


def test_a2_the_trail_holds_ids_and_numbers_only(lived_in: Practice) -> None:
    kept = repr([{**a, "why_sealed": None} for a in all_rows(lived_in, Audit)]).lower()
    assert "canary" not in kept
    assert "8123456789" not in kept


def test_p1_a_client_knows_nothing_of_another_therapists_client(lived_in: Practice) -> None:
    stranger = add_client(lived_in, "Stranger")
    seen = repr(accounts.me(lived_in, stranger))
    assert "anary" not in seen


def test_p1_a_therapist_reads_no_contact_before_the_first_booking(
    practice: Practice, therapist: Actor
) -> None:
    newcomer = add_client(practice, "Canaryname", "canary.client@example.org", card=False)
    hold(practice, newcomer, open_slot(practice, therapist))
    shown = repr(calendar.between(practice, therapist, therapist.id, NOW, NOW + 30 * DAY))
    shown += repr(calendar.slots(practice, therapist, therapist.id))
    assert "anary" not in shown
    assert newcomer.id not in shown
