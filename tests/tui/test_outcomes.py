"""What is said when something was done has to fit the line it is said in."""

from __future__ import annotations

from typing import cast

import pytest

from helpspace.core.appointments import AppointmentView
from helpspace.core.policy import Consequence
from helpspace.tui import outcomes
from tests.makers import NOW, SOON


class Session:
    """Of a session only what is told of it."""

    def __init__(self, start: int, fee: int) -> None:
        self.start, self.end, self.fee_pence = start, start + 3000, fee


class Found:
    """Of a consequence only what goes back."""

    def __init__(self, refund: int) -> None:
        self.refund_pence = refund


@pytest.mark.parametrize("start", [SOON, SOON + 20 * 86_400, SOON + 500 * 86_400])
@pytest.mark.parametrize("fee", [0, 6000, 123_450, 99_999_99])
@pytest.mark.parametrize("back", [True, False], ids=["paid", "not paid"])
def test_what_a_cancellation_did_fits_80_columns(start: int, fee: int, back: bool) -> None:
    """M3: the money is always said, whatever else there is no room for."""
    session = cast("AppointmentView", Session(start, fee))
    found = cast("Consequence", Found(fee if back else 0))
    said = outcomes.cancelled_words(session, found, "Europe/London", NOW)
    assert len(f"✓ {said}") <= 78
    assert said.endswith(".")
    if fee and back:
        assert f"£{fee // 100:,}" in said
        assert "goes back to the client" in said
    else:
        assert ("nothing is charged" if fee else "no money moves") in said
