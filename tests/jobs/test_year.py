"""A tenth of the year that `make soak` lives through: 500 sessions, both clock changes (M8)."""

from __future__ import annotations

from collections import Counter

import pytest

from helpspace.core.moments import at_zone
from helpspace.core.store.tables import Appointment
from helpspace.sandbox.clock import MovableClock
from tests import makers
from tests.jobs.world import World
from tests.soak.test_year import SOMETIMES
from tests.soak.year import Year
from tests.soak.year_checks import agree


@pytest.mark.long
@makers.ON_SQLITE
def test_m8_a_years_sums_are_equal_wherever_they_are_read(
    store_url: str, clock: MovableClock
) -> None:
    """Reconcile prints nothing; ledger, Stripe, report, table, figures and payouts agree."""
    world = World(store_url, clock, COMMISSION_PERCENT="7.5", COMMISSION_PENCE="20")
    year = Year(world, seed=1, therapists=2, clients=5)
    year.live(50)
    sums = agree(year)
    assert year.did["booked"] == 500
    assert sums.gross_pence > 2_000_000
    assert sums.refunded_pence > 100_000
    assert year.foreseen > 100_000
    assert [what for what in SOMETIMES if not year.did[what]] == []
    rows = world.rows(Appointment)
    walls = Counter(at_zone(row["start_at"], "Europe/London").hour for row in rows)
    clocks = {at_zone(row["start_at"], "UTC").hour for row in rows}
    assert walls[9] > 400
    assert {8, 9} <= clocks
    world.close()
