"""The words inside a block: cleaned, measured in cells, and cropped to the room there is."""

from __future__ import annotations

from functools import lru_cache

from rich.cells import cell_len, set_cell_size

from helpspace.core.plain import plain
from helpspace.tui.layout import Block, Status
from helpspace.tui.week import Week

_NO_NAMES = frozenset({Status.OPEN, Status.TIME_OFF})
_ROOMY = 30
KINDS = {"initial": "initial session", "follow_up": "follow-up"}


@lru_cache(maxsize=4096)
def clean(text: str) -> str:
    """One harmless line (A3): a terminal obeys whatever gets through, so it is cleaned again."""
    return plain(text, 200)


def fit(text: str, width: int) -> str:
    """Exactly `width` cells: padded with spaces, or cropped on the right with an ellipsis."""
    if cell_len(text) <= width:
        return set_cell_size(text, width)
    if width < 1:
        return ""
    return set_cell_size(text, width - 1) + "…"


def blurred(text: str) -> str:
    """As many dots as there are characters, words kept apart, for sharing a screen."""
    return "".join(" " if character.isspace() else "•" for character in clean(text))


def title_of(block: Block, *, blur: bool) -> str:
    """The block's title; dots where it may be a name and names are hidden."""
    if blur and block.status not in _NO_NAMES:
        return blurred(block.title)
    return clean(block.title)


def detail_of(block: Block, *, blur: bool) -> str:
    """The block's detail; nothing where it may speak of a person and names are hidden."""
    if blur and block.status not in _NO_NAMES:
        return ""
    return clean(block.detail)


def block_lines(
    block: Block, week: Week, width: int, rows: int, *, starts: bool, more: int, blur: bool
) -> list[str]:
    """What a block says on each of its lines, most useful first, each exactly `width` cells."""
    status = block.status
    rest = [title_of(block, blur=blur), detail_of(block, blur=blur)]
    if status is Status.TIME_OFF:
        head = f"{status.glyph} {status.word}"
        head = head if len(head) <= width else status.word
    else:
        head, rest = _head(_begin(block, week, width, starts=starts), status, rest, width, rows)
    if more:
        head = f"{fit(head, width - 4)} +{more}" if width > 8 else f"+{more}"
    lines = [head, *(text for text in rest if text)]
    return [fit(text, width) for text in lines[:rows]]


def _begin(block: Block, week: Week, width: int, *, starts: bool) -> str:
    """The start time, and the end where there is room; an arrow says that the start lies above."""
    time = week.clock(block.start)
    if len(time) + 3 > width:
        time = time[:5]
    if width >= _ROOMY:
        time += f"–{week.clock(block.end)}"
    return time if starts else f"↑{time}"


def _head(
    time: str, status: Status, rest: list[str], width: int, rows: int
) -> tuple[str, list[str]]:
    """Put the name beside the time where there is one line, else the status in words."""
    if len(time) + 1 > width:  # a lane among several: the glyph goes below, if there is a below
        if rows == 1 or len(time) > width:
            return status.glyph, rest
        return time, [f"{status.glyph} {rest[0]}", *rest[1:]]
    time += f" {status.glyph}" if len(time) + 2 <= width else status.glyph
    room = width - len(time) - 1
    if rows == 1:
        name = next((text for text in rest if text), status.word)
        return (f"{time} {name}" if room > 2 else time), []
    if len(status.word) <= room:
        return f"{time} {status.word}", rest
    return time, [rest[0], status.word_within(width), *rest[1:]]


def spoken(block: Block, week: Week, *, blur: bool) -> str:
    """Everything about a block in a few lines, for the tooltip."""
    begin, end = week.local(block.start), week.local(block.end)
    until = week.clock(block.end)
    if begin.date() != end.date():
        until = f"{end:%a} {end.day} {until}"
    when = f"{begin:%a} {begin.day} {begin:%b}  {week.clock(block.start)}–{until}"
    status = f"{block.status.glyph} {block.status.word}"
    kind = KINDS.get(block.kind)
    lines = [
        when,
        f"{status} · {kind}" if kind else status,
        title_of(block, blur=blur),
        detail_of(block, blur=blur),
    ]
    return "\n".join(line for line in lines if line)
