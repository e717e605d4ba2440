"""A practice of 5,000 sessions over a year, with everything that can become of one (M8)."""

from __future__ import annotations

import pytest

from helpspace.core.moments import pounds
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.world import World
from tests.soak.telling import SEED, telling
from tests.soak.year import Year
from tests.soak.year_checks import agree

SOMETIMES = (
    "cancelled free", "cancelled late", "cancelled after it was paid", "therapist cancelled early",
    "therapist cancelled paid", "refund pending", "refund finished", "moved early",
    "moved for the client", "moved paid", "cancelled after a move", "not attended", "waived paid",
    "absence agreed", "bank insufficient_funds", "bank lost_card", "new card", "approved by a tap",
    "waived unpaid",
)  # fmt: skip


@makers.ON_SQLITE
@pytest.mark.timeout(3000)
def test_m8_a_year_of_5000_sessions_adds_up(
    store_url: str, clock: MovableClock, capsys: pytest.CaptureFixture[str]
) -> None:
    """Reconcile prints nothing; ledger, Stripe, report, table, figures and payouts agree."""
    world = World(store_url, clock, COMMISSION_PERCENT="7.5", COMMISSION_PENCE="20")
    with telling(capsys, "a year of 8 therapists with 12 clients each") as told:
        year = Year(world, seed=SEED, therapists=8, clients=12)
        year.live(52)
        sums = agree(year)
        told.came_to = (
            f"{year.did['booked'] + 96} sessions, {pounds(sums.gross_pence)} taken, "
            f"{pounds(sums.refunded_pence)} given back, no difference"
        )
    assert year.did["booked"] == 8 * 12 * 52
    assert [what for what in SOMETIMES if not year.did[what]] == []
    world.close()
