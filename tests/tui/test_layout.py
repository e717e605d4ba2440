"""Geometry: nothing is lost, nothing overlaps, and cells and times map to each other."""

from __future__ import annotations

import itertools
from datetime import date, datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from helpspace.tui.layout import ZOOMS, Block, Layout, Piece, Status
from helpspace.tui.week import Spot, Week

LONDON = ZoneInfo("Europe/London")
MONDAY = date(2026, 11, 23)
SPRING = date(2026, 3, 23)
AUTUMN = date(2026, 10, 19)
FIRSTS = (MONDAY, SPRING, AUTUMN)


def at(day: date, hour: int, minute: int = 0, *, fold: int = 0) -> int:
    local = datetime(day.year, day.month, day.day, hour, minute, tzinfo=LONDON, fold=fold)
    return int(local.timestamp())


def block(start: int, minutes: int = 50, status: Status = Status.BOOKED, name: str = "a") -> Block:
    return Block(name, start, start + minutes * 60, status, "Anna K.")


def layout(first: date, blocks: list[Block], width: int = 80, lines: int = 2) -> Layout:
    return Layout(Week(first, 7, "Europe/London"), blocks, width, lines)


def spans(pieces: list[Piece] | tuple[Piece, ...]) -> list[tuple[int, int, int]]:
    return [(piece.day, piece.top, piece.bottom) for piece in pieces]


@st.composite
def weeks_of_blocks(draw: st.DrawFn) -> tuple[date, list[Block]]:
    first = draw(st.sampled_from(FIRSTS))
    start = at(first, 0)
    times = st.tuples(
        st.integers(-300, 7 * 1440 + 100), st.integers(1, 400), st.sampled_from(list(Status))
    )
    drawn = draw(st.lists(times, max_size=40))
    return first, [
        Block(f"b{n}", start + offset * 60, start + (offset + minutes) * 60, status, f"Name {n}")
        for n, (offset, minutes, status) in enumerate(drawn)
    ]


# -- properties ----------------------------------------------------------------------------------


@given(weeks_of_blocks(), st.sampled_from(ZOOMS), st.integers(8, 200))
@settings(deadline=None)
def test_no_block_is_lost(drawn: tuple[date, list[Block]], lines: int, width: int) -> None:
    first, blocks = drawn
    grid = layout(first, blocks, width, lines)
    bounds = grid.week.stretches[0].start, grid.week.stretches[-1].end
    for each in blocks:
        pieces = grid.of(each.id)
        assert bool(pieces) == (each.start < bounds[1] and each.end > bounds[0])
        for piece in pieces:
            assert piece.rows >= 1
            assert 0 <= piece.top < piece.bottom <= 2 * grid.height
            assert all(piece in grid.at(piece.day, line) for line in piece.lines)


@given(weeks_of_blocks(), st.sampled_from(ZOOMS), st.integers(8, 200))
@settings(deadline=None)
def test_pieces_never_overlap(drawn: tuple[date, list[Block]], lines: int, width: int) -> None:
    grid = layout(drawn[0], drawn[1], width, lines)
    for behind in (True, False):
        pieces = [p for p in grid.pieces if (p.block.status is Status.TIME_OFF) is behind]
        for one, other in itertools.combinations(pieces, 2):
            if one.day == other.day and one.top < other.bottom and other.top < one.bottom:
                assert one.right <= other.left or other.right <= one.left
    for piece in grid.pieces:
        column = grid.columns[piece.day]
        assert column.left <= piece.left <= piece.right <= column.right


@given(weeks_of_blocks(), st.sampled_from(ZOOMS))
@settings(deadline=None)
def test_edges_lie_within_half_a_line(drawn: tuple[date, list[Block]], lines: int) -> None:
    grid = layout(drawn[0], drawn[1], 300, lines)
    half = 15 / lines
    for piece in grid.pieces:
        if piece.pile or piece.bottom - piece.top <= 2:
            continue  # a short one takes a whole line, to be read
        starts = grid.week.row(piece.block.start) if piece.starts else None
        if starts is not None:
            assert abs(piece.top * half - starts) <= half / 2 + 1e-9


@given(
    st.sampled_from(FIRSTS),
    st.sampled_from(ZOOMS),
    st.integers(20, 200),
    st.integers(0, 7 * 1440 - 1),
)
@settings(deadline=None)
def test_times_and_cells_map_to_each_other(
    first: date, lines: int, width: int, offset: int
) -> None:
    grid = layout(first, [], width, lines)
    spot = grid.week.spot(at(first, 0) + offset * 60)
    if spot is None:
        return
    point = grid.point(spot)
    assert point is not None
    hit = grid.hit(*point)
    assert hit is not None
    assert hit.spot is not None
    assert (hit.day, hit.spot.day, hit.spot.fold) == (spot.day, spot.day, spot.fold)
    assert -1 <= spot.minute - hit.spot.minute < 30 / lines
    assert grid.point(hit.spot) == point


# -- tables --------------------------------------------------------------------------------------


def test_fifty_minute_sessions_back_to_back_share_lines_but_not_cells() -> None:
    tuesday = date(2026, 11, 24)
    blocks = [block(at(tuesday, 9) + n * 3000, name=f"b{n}") for n in range(4)]
    grid = layout(MONDAY, blocks)
    assert spans(grid.pieces) == [(1, 72, 79), (1, 79, 85), (1, 85, 92), (1, 92, 99)]
    assert [(p.text, p.rows) for p in grid.pieces] == [(36, 3), (40, 2), (43, 3), (46, 3)]
    assert [len(grid.at(1, line)) for line in (38, 39, 40, 42, 45, 46)] == [1, 2, 1, 2, 1, 1]
    assert {(p.left, p.right) for p in grid.pieces} == {(17, 27)}
    assert [p.shade for p in grid.pieces] == [0, 1, 0, 1]


@pytest.mark.parametrize("lines", ZOOMS)
def test_sessions_after_one_another_are_never_set_side_by_side(lines: int) -> None:
    for minutes in (30, 45, 50, 60, 75, 90):
        blocks = [block(at(MONDAY, 7) + n * minutes * 60, minutes, name=f"{n}") for n in range(8)]
        grid = layout(MONDAY, blocks, 80, lines)
        assert {(p.left, p.right) for p in grid.pieces} == {(7, 16)}


def test_neighbours_of_different_status_need_no_shade() -> None:
    blocks = [
        block(at(MONDAY, 9), 60, Status.BOOKED, "a"),
        block(at(MONDAY, 10), 60, Status.OPEN, "b"),
        block(at(MONDAY, 11), 60, Status.OPEN, "c"),
    ]
    assert [p.shade for p in layout(MONDAY, blocks).pieces] == [0, 0, 1]


def test_a_session_over_midnight_is_on_both_days() -> None:
    grid = layout(MONDAY, [block(at(date(2026, 11, 24), 23, 30), 60)])
    assert spans(grid.of("a")) == [(1, 188, 192), (2, 0, 4)]
    assert [p.starts for p in grid.of("a")] == [True, False]


def test_a_session_from_the_week_before_says_so() -> None:
    grid = layout(MONDAY, [block(at(date(2026, 11, 22), 23, 30), 60)])
    assert spans(grid.of("a")) == [(0, 0, 4)]
    assert not grid.of("a")[0].starts


def test_autumn_shows_both_passes_of_the_repeated_hour() -> None:
    sunday = date(2026, 10, 25)
    grid = layout(
        AUTUMN,
        [
            block(at(sunday, 1, 0), 60, name="bst"),
            block(at(sunday, 1, 0, fold=1), 60, name="gmt"),
            block(at(date(2026, 10, 24), 1, 30), 60, name="saturday"),
        ],
    )
    assert grid.height == 100
    assert spans(grid.of("bst")) == [(6, 8, 16)]
    assert spans(grid.of("gmt")) == [(6, 16, 24)]
    assert spans(grid.of("saturday")) == [(5, 12, 16), (5, 24, 28)]
    assert [p.starts for p in grid.of("saturday")] == [True, False]


def test_spring_draws_nothing_in_the_missing_hour() -> None:
    grid = layout(SPRING, [block(at(date(2026, 3, 29), 0, 30), 60)])
    assert spans(grid.of("a")) == [(6, 4, 8), (6, 16, 20)]
    hit = grid.hit(grid.columns[6].left, grid.line(90))
    assert hit == (6, None, None)


def test_overlaps_lie_side_by_side_and_use_the_room_that_is_free() -> None:
    blocks = [
        block(at(MONDAY, 9), 120, name="long"),
        block(at(MONDAY, 9), 60, name="first"),
        block(at(MONDAY, 10), 60, name="second"),
        block(at(MONDAY, 10, 30), 60, name="third"),
        block(at(MONDAY, 12), 60, name="alone"),
    ]
    grid = layout(MONDAY, blocks, 140)
    cells = {p.block.id: (p.left, p.right) for p in grid.pieces}
    assert cells == {
        "long": (7, 13),
        "first": (13, 25),
        "second": (13, 19),
        "third": (19, 25),
        "alone": (7, 25),
    }


def test_more_overlaps_than_cells_are_piled_and_counted() -> None:
    blocks = [block(at(MONDAY, 9), 50, name=f"b{n}") for n in range(9)]
    grid = layout(MONDAY, blocks, 80)
    assert [len(p.pile) for p in grid.pieces] == [0, 0, 6]
    assert {b.id for p in grid.pieces for b in (p.block, *p.pile)} == {f"b{n}" for n in range(9)}
    assert all(grid.of(each.id) for each in blocks)


def test_time_off_lies_behind_and_stays_in_sight() -> None:
    blocks = [
        block(at(MONDAY, 0), 24 * 60, Status.TIME_OFF, "off"),
        block(at(MONDAY, 9), name="kept"),
    ]
    grid = layout(MONDAY, blocks)
    off, kept = grid.of("off")[0], grid.of("kept")[0]
    assert (off.left, off.right) == (7, 16)
    assert (kept.left, kept.right) == (7, 15)
    hit = grid.hit(8, grid.line(9 * 60))
    assert hit is not None
    assert hit.block_id == "kept"


def test_a_moment_is_still_a_line() -> None:
    for lines in ZOOMS:
        grid = layout(MONDAY, [block(at(MONDAY, 23, 59), 0)], 80, lines)
        assert [p.rows for p in grid.pieces] == [1]
        assert grid.pieces[0].bottom <= 2 * grid.height


def test_nothing_lies_under_gutter_header_and_beyond() -> None:
    grid = layout(MONDAY, [])
    assert grid.hit(3, 10) is None
    assert grid.hit(80, 10) is None
    assert grid.hit(20, -1) is None
    assert grid.hit(20, grid.height) is None
    assert grid.point(Spot(6, 0, 1)) is None


@pytest.mark.parametrize("width", [0, 1, 5, 6, 7, 12])
def test_a_width_without_room_is_no_error(width: int) -> None:
    grid = layout(MONDAY, [block(at(MONDAY, 9))], width)
    assert grid.of("a")
    assert grid.columns[-1].right == width


def test_every_status_has_its_own_glyph_and_word() -> None:
    assert len({status.glyph for status in Status}) == len(Status)
    assert len({status.word for status in Status}) == len(Status)
    assert Status.COMPLETED.word_within(8) == "done"
    assert Status.COMPLETED.word_within(9) == "completed"
