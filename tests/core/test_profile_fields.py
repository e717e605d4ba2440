"""What people write into their profile is understood, and reads back as it is written (P1)."""

from __future__ import annotations

import pytest

from helpspace.core.joining import profile_fields as fields
from helpspace.core.moments import DAY, HOUR, MINUTE

READ: list[tuple[str, str, object]] = [
    ("initial_fee", "0", 0),
    ("initial_fee", "0.30", 30),
    ("initial_fee", " £60 ", 6000),
    ("initial_fee", "10000", 1_000_000),
    ("initial_minutes", "10", 10),
    ("follow_up_minutes", "180", 180),
    ("notice", "24h", DAY),
    ("notice", "24 hours", DAY),
    ("notice", "2 days", 2 * DAY),
    ("notice", "1 week", 7 * DAY),
    ("notice", "1 day 12 h", 36 * HOUR),
    ("notice", "90 min", 90 * MINUTE),
    ("notice", "60 days", 60 * DAY),
    ("notice", "0", 0),
    ("notice", "none", 0),
    ("handle", "Zoe_1-x", "zoe_1-x"),
    ("handle", "abc", "abc"),
    ("handle", "a" * 44, "a" * 44),
    ("zone", "Europe/London", "Europe/London"),
    ("reopens", "yes", 1),
    ("concerns", "Anxiety\nLow mood", 3),
]


@pytest.mark.parametrize(("name", "text", "value"), READ)
def test_what_people_write_is_understood(name: str, text: str, value: object) -> None:
    assert fields.value(name, text) == value
    assert fields.problem(fields.field_of(name), text) is None


@pytest.mark.parametrize("seconds", [0, 600, 90 * MINUTE, HOUR, DAY, 36 * HOUR, 2 * DAY, 60 * DAY])
def test_a_notice_reads_back_as_it_is_written(seconds: int) -> None:
    assert fields.value("notice", fields.write_notice(seconds)) == seconds
