"""The order in which workers are handed the tests loses none, and puts the longest first."""

from __future__ import annotations

import pytest

from tests.order import ordered


@pytest.mark.parametrize("workers", [1, 2, 3, 4, 9])
@pytest.mark.parametrize(("waiting", "long", "rest"), [(0, 0, 0), (3, 7, 90), (5, 2, 0), (0, 9, 3)])
def test_none_is_lost_and_none_comes_twice(
    waiting: int, long: int, rest: int, workers: int
) -> None:
    parts = [[f"{kind}{n}" for n in range(count)]
             for kind, count in (("w", waiting), ("l", long), ("r", rest))]  # fmt: skip
    found = ordered(*parts, workers)
    assert sorted(found) == sorted(one for part in parts for one in part)
    assert [one for one in found if one[0] == "r"] == parts[2]


def test_each_worker_begins_with_what_takes_longest() -> None:
    rest = [f"r{n}" for n in range(25)]
    found = ordered(["w0", "w1"], ["l0", "l1", "l2"], rest, 3)
    assert found[:3] == ["w0", "w1", "r0"]
    assert found[10:13] == ["l0", "l2", "r8"]
    assert found[20:22] == ["l1", "r16"]
    assert ordered(["w0"], ["l0"], rest, 1)[:3] == ["w0", "l0", "r0"]
