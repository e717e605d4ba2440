"""A copy of the store without its key shows nobody: its bytes are searched (D7)."""

from __future__ import annotations

from pathlib import Path

import psycopg
import pytest

from helpspace.core import accounts, booking, calendar, confirm, inbox, notices
from helpspace.core.actors import Actor
from helpspace.core.cards import CardFound
from helpspace.core.errors import StoreFault
from helpspace.core.ids import Ids
from helpspace.core.inbox import Place
from helpspace.core.practice import Practice
from helpspace.core.store.tables import TABLES
from helpspace.core.vault import Vault
from helpspace.sandbox.clock import MovableClock
from tests.makers import (
    DAY,
    NOW,
    SOON,
    TEAM,
    add_client,
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
    "canary-about", "canary-reason", "canary-payload", "canary-draft", "Канарейка",
    "video.example.org", "pay.example.org",
)  # fmt: skip


@pytest.fixture
def lived_in(practice: Practice, clock: MovableClock) -> Practice:
    """A practice in which people with telling names have done a bit of everything."""
    new = accounts.NewTherapist(
        "Canarytherapist", "canary.therapist@example.org", "canaryhandle", "canary-contact",
        "canary-headline", "canary-about",
    )  # fmt: skip
    with practice.change() as tx:
        therapist = Actor.therapist(
            accounts.add_therapist(tx, TEAM, new, account="acct_1", proofs_until=NOW + 99 * DAY)
        )
    client = add_client(practice, "Canaryname", "canary.client@example.org", 8123456789)
    booked = session(practice, therapist, client)
    follow_up(practice, therapist, client, SOON + DAY)
    booking.cancel(practice, TEAM.on_behalf_of("client", client.id, "canary-reason"), booked.id)
    accounts.set_name(practice, client, "Канарейка")
    newcomer = add_client(practice, "Canaryname", card=False)
    held = hold(practice, newcomer, open_slot(practice, therapist, SOON + 2 * DAY))
    open_page(practice, newcomer, held.request_id)
    give_card(practice, client, CardFound("pm_2", "visa", "4242", 1, 2030))
    inbox.take_in(practice, [(1, 8123456789, "text", {"text": "canary-payload"})])
    inbox.move_to(practice, 8123456789, Place("name", {"name": "canary-draft"}, 1))
    confirm.make_token(practice, client.id)
    for errand in notices.claim(practice, "s"):
        notices.failed(practice, errand, "refused")
    return practice


def everything_in(practice: Practice) -> bytes:
    """Return all that a thief of the store would have."""
    if not practice.store.postgresql:
        folder = Path(str(practice.store.path)).parent
        return b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    with psycopg.connect(practice.settings.database) as connection:
        texts = []
        for model in TABLES:
            rows = connection.execute(f'SELECT t::text FROM "{model._meta.table_name}" t')
            texts += [row[0] for row in rows]
    # Binary columns are shown in hexadecimal.
    raw = b"".join(bytes.fromhex(part) for text in texts for part in hex_parts(text))
    return "\n".join(texts).encode() + raw


def hex_parts(text: str) -> list[str]:
    import re

    return [part for part in re.findall(r"\\x([0-9a-f]+)", text) if len(part) % 2 == 0]


def test_d7_the_bytes_of_the_store_name_nobody(lived_in: Practice) -> None:
    found = everything_in(lived_in).lower()
    assert b"acct_1" in found  # we did look at the store
    for canary in CANARIES:
        for encoding in ("utf-8", "utf-16-le"):
            assert canary.lower().encode(encoding) not in found


def test_d7_another_key_opens_nothing(lived_in: Practice) -> None:
    thief = Practice(lived_in.store, lived_in.settings, Vault(bytes(32)), lived_in.clock, Ids())
    with pytest.raises(StoreFault, match="key does not fit"):
        accounts.clients(thief, TEAM)
    assert accounts.client_of_chat(thief, 8123456789) is None
    assert accounts.client_of_chat(lived_in, 8123456789) is not None


def test_a2_the_trail_holds_ids_and_numbers_only(lived_in: Practice) -> None:
    from helpspace.core.store.tables import Audit
    from tests.makers import all_rows

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
