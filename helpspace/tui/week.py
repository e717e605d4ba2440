"""Some days as a wall clock shows them: which minutes exist once, twice, or not at all.

Rows of the calendar are wall minutes. Where the clock goes back, the repeated time gets rows of its
own (an *inset*), so two different instants never share a row and a row never has two meanings. The
rows of an inset exist on that one day only; where the clock goes forward, the rows are there but
the day has no time in them. Both kinds of hole are reported by `Week.holes`.
"""

from bisect import bisect_right
from datetime import date, datetime, timedelta
from typing import NamedTuple

from helpspace.core.moments import zone_of

DAY_MINUTES = 24 * 60
_PROBE = 3 * 3600  # zones are looked at this often; no zone has changed twice within it
_EPOCH = date(1970, 1, 1).toordinal()


class Spot(NamedTuple):
    """A minute on a day's clock; `fold` 1 is the second time that the clock shows it."""

    day: int
    minute: int
    fold: int = 0


class Hole(NamedTuple):
    """Rows, from `top` to `bottom`, in which a day has no time."""

    top: int
    bottom: int
    skipped: bool
    """True where this day's clock jumps forward, False where the rows are another day's inset."""


class Mark(NamedTuple):
    """A wall time at the edge of the rows; `name` tells the two of a repeated hour apart."""

    row: int
    minute: int
    name: str


class Stretch(NamedTuple):
    """Time that runs evenly along the rows of one day: instants in UTC seconds, rows in minutes."""

    day: int
    start: int
    end: int
    minute: int
    fold: int
    row: int

    @property
    def rows(self) -> int:
        return (self.end - self.start) // 60


class _Inset(NamedTuple):
    """Extra rows before wall minute `at`, for the `length` minutes which the clock repeats."""

    at: int
    length: int
    before: str
    after: str


class _Run(NamedTuple):
    """Instants that share one offset from UTC, as seen on one day, in minutes of its clock."""

    day: int
    start: int
    end: int
    minute: int
    name: str

    @property
    def last(self) -> int:
        return self.minute + (self.end - self.start) // 60


class Week:
    """A span of days in one zone, and the map between instants, wall minutes and rows."""

    def __init__(self, first: date, days: int, zone: str) -> None:
        self.first = first
        self.days = days
        self.zone = zone
        self._info = zone_of(zone)
        runs = self._runs()
        self._insets = self._find_insets(runs)
        self.rows = DAY_MINUTES + sum(inset.length for inset in self._insets)
        self.stretches = self._stretches(runs)
        self._starts = [stretch.start for stretch in self.stretches]
        self._by_day: list[list[Stretch]] = [[] for _ in range(days)]
        for stretch in self.stretches:
            self._by_day[stretch.day].append(stretch)
        self.shifts = self._find_shifts(runs)

    # -- days ------------------------------------------------------------------------------------

    def date_of(self, day: int) -> date:
        return self.first + timedelta(days=day)

    def bounds(self, day: int) -> tuple[int, int] | None:
        """First instant and end of a day in UTC seconds; None for a day which a zone left out."""
        stretches = self._by_day[day]
        return (stretches[0].start, stretches[-1].end) if stretches else None

    # -- instants --------------------------------------------------------------------------------

    def local(self, instant: int) -> datetime:
        return datetime.fromtimestamp(instant, self._info)

    def clock(self, instant: int) -> str:
        """Wall time as `10:00`, with the zone's abbreviation where the clock shows it twice."""
        local = self.local(instant)
        twice = local.utcoffset() != local.replace(fold=1 - local.fold).utcoffset()
        # A time inside a gap also has two readings, but no instant is ever shown as one.
        return f"{local:%H:%M} {local.tzname()}" if twice else f"{local:%H:%M}"

    def zone_name(self, instant: int) -> str:
        """The zone's abbreviation at an instant, such as GMT or BST."""
        return self.local(instant).tzname() or ""

    def stretch_at(self, instant: int) -> Stretch | None:
        index = bisect_right(self._starts, instant) - 1
        if index < 0:
            return None
        stretch = self.stretches[index]
        return stretch if instant < stretch.end else None

    def spot(self, instant: int) -> Spot | None:
        """Where an instant is on the clock; None when no day of this span holds it."""
        stretch = self.stretch_at(instant)
        if stretch is None:
            return None
        minute = stretch.minute + (instant - stretch.start) // 60
        return Spot(stretch.day, minute, stretch.fold)

    def instant(self, spot: Spot) -> int | None:
        """The UTC second at which a spot begins; None for a time that does not exist."""
        for stretch in self._by_day[spot.day]:
            offset = spot.minute - stretch.minute
            if stretch.fold == spot.fold and 0 <= offset < stretch.rows:
                return stretch.start + offset * 60
        return None

    def nearest(self, spot: Spot) -> int | None:
        """Like `instant`, but a repeated time falls back to its first, a skipped one moves on."""
        for fold in (spot.fold, 0):
            found = self.instant(spot._replace(fold=fold))
            if found is not None:
                return found
        later = [s.start for s in self._by_day[spot.day] if s.minute > spot.minute]
        if later:
            return later[0]
        bounds = self.bounds(spot.day)
        return None if bounds is None else bounds[1] - 60

    # -- rows ------------------------------------------------------------------------------------

    def row(self, instant: int) -> int | None:
        """How many minutes of rows lie above an instant in its day's column."""
        stretch = self.stretch_at(instant)
        return None if stretch is None else stretch.row + (instant - stretch.start) // 60

    def at_row(self, day: int, row: int) -> int | None:
        """The instant at a row of a day; None inside a hole."""
        for stretch in self._by_day[day]:
            if 0 <= row - stretch.row < stretch.rows:
                return stretch.start + (row - stretch.row) * 60
        return None

    def row_of_minute(self, minute: int) -> int:
        """The row of a wall minute on an ordinary day."""
        return minute + sum(inset.length for inset in self._insets if inset.at <= minute)

    def holes(self, day: int) -> list[Hole]:
        """The rows in which a day has no time, from the top."""
        found = []
        row = 0
        edges = [(s.row, s.row + s.rows) for s in self._by_day[day]] + [(self.rows, self.rows)]
        for top, bottom in sorted(edges):
            if top > row:
                found += self._holes_between(row, top)
            row = max(row, bottom)
        return found

    def marks(self, every: int = 60) -> list[Mark]:
        """The wall times that label the rows, each `every` minutes, in order."""
        marks = []
        for minute in range(0, DAY_MINUTES, every):
            name = next((i.before for i in self._insets if 0 < i.at - minute <= i.length), "")
            marks.append(Mark(self.row_of_minute(minute), minute, name))
        for inset, top in zip(self._insets, self._inset_rows(), strict=True):
            begin = inset.at - inset.length
            whole = range(-(-begin // every) * every, inset.at, every)
            marks += [Mark(top + minute - begin, minute, inset.after) for minute in whole]
        return sorted(marks)

    # -- building --------------------------------------------------------------------------------

    def _runs(self) -> list[_Run]:
        """Cut the span wherever the zone's offset changes and wherever a day begins."""
        low = (self.first.toordinal() - _EPOCH) * 86400 - 30 * 3600
        high = low + self.days * 86400 + 60 * 3600
        runs: list[_Run] = []
        begin = low
        while begin < high:
            here = self.local(begin)
            offset = here.utcoffset()
            end = begin
            while end < high and self.local(end).utcoffset() == offset:
                end += _PROBE
            if end < high:
                end = self._change(end - _PROBE, end)
            seconds = int(offset.total_seconds()) if offset else 0
            runs += self._cut(begin, min(end, high), seconds, here.tzname() or "")
            begin = end
        return runs

    def _change(self, before: int, after: int) -> int:
        """The instant between two at which the offset changes."""
        offset = self.local(before).utcoffset()
        while after - before > 1:
            middle = (before + after) // 2
            if self.local(middle).utcoffset() == offset:
                before = middle
            else:
                after = middle
        return after

    def _cut(self, start: int, end: int, offset: int, name: str) -> list[_Run]:
        runs = []
        for day in range(self.days):
            midnight = (self.first.toordinal() - _EPOCH + day) * 86400 - offset
            a, b = max(start, midnight), min(end, midnight + 86400)
            if a < b:
                runs.append(_Run(day, a, b, (a - midnight) // 60, name))
        return runs

    @staticmethod
    def _find_insets(runs: list[_Run]) -> list[_Inset]:
        """Whatever the clock of a day shows again, each such time once for all days."""
        found: dict[tuple[int, int], _Inset] = {}
        above: dict[int, _Run] = {}
        for run in runs:
            before = above.get(run.day)
            if before and run.minute < before.last:
                length = before.last - run.minute
                inset = _Inset(before.last, length, before.name, run.name)
                found.setdefault((inset.at, length), inset)
            if before is None or run.last > before.last:
                above[run.day] = run
        return sorted(found.values())

    def _inset_rows(self) -> list[int]:
        """The first row of each inset."""
        rows, extra = [], 0
        for inset in self._insets:
            rows.append(inset.at + extra)
            extra += inset.length
        return rows

    def _stretches(self, runs: list[_Run]) -> tuple[Stretch, ...]:
        """Cut runs at every inset, so that rows grow with time inside each stretch."""
        tops = dict(zip([(i.at, i.length) for i in self._insets], self._inset_rows(), strict=True))
        stretches = []
        reached: dict[int, int] = {}
        for run in runs:
            minute, start = run.minute, run.start
            above = reached.get(run.day, 0)
            if minute < above:
                length = min(above, run.last) - minute
                end = min(start + length * 60, run.end)
                top = tops[above, above - minute]
                stretches.append(Stretch(run.day, start, end, minute, 1, top))
                minute, start = minute + length, end
            for inset in self._insets:
                if minute < inset.at < run.last:
                    end = start + (inset.at - minute) * 60
                    row = self.row_of_minute(minute)
                    stretches.append(Stretch(run.day, start, end, minute, 0, row))
                    minute, start = inset.at, end
            if start < run.end:
                row = self.row_of_minute(minute)
                stretches.append(Stretch(run.day, start, run.end, minute, 0, row))
            reached[run.day] = max(above, run.last)
        return tuple(sorted(stretches, key=lambda stretch: stretch.start))

    def _find_shifts(self, runs: list[_Run]) -> dict[int, int]:
        """The minutes which each day gains (+) or loses (-), for the days that are not 24 hours."""
        lengths = dict.fromkeys(range(self.days), 0)
        for run in runs:
            lengths[run.day] += (run.end - run.start) // 60
        return {day: n - DAY_MINUTES for day, n in lengths.items() if n != DAY_MINUTES}

    def _holes_between(self, top: int, bottom: int) -> list[Hole]:
        """Split a hole where a skipped time and another day's inset meet."""
        holes = []
        for inset, row in zip(self._insets, self._inset_rows(), strict=True):
            a, b = max(top, row), min(bottom, row + inset.length)
            if a < b:
                if top < a:
                    holes.append(Hole(top, a, skipped=True))
                holes.append(Hole(a, b, skipped=False))
                top = b
        if top < bottom:
            holes.append(Hole(top, bottom, skipped=True))
        return holes
