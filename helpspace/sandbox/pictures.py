"""Pictures of the terminal for the documents, drawn from the sample practice: `make pictures`.

The same program draws the same pictures each time: clock and ids of the sample are fixed.
"""

from __future__ import annotations

import asyncio
import io
import re
import sys
import tempfile
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager, suppress
from pathlib import Path
from typing import NamedTuple

from textual.app import App

from helpspace.core import booking, calendar, caseload, terminal
from helpspace.core.errors import HelpspaceError
from helpspace.core.moments import DAY, HOUR
from helpspace.sandbox.demo.app import DemoApp
from helpspace.sandbox.demo.story import SEED, START
from helpspace.sandbox.demo.world import World, add_regular, add_regulars, open_world
from helpspace.tui.app import TherapistApp

DEMO_SIZE = (150, 42)

WEEKS = 15
"""Weeks that the sample practice has been lived in before the therapist's screens are drawn."""

SUMMER = 3
"""The week of them in which the clocks have gone forward."""

HOLIDAY = 9
"""The week of them in which nobody comes."""

MORE = (
    ("Anna Whitfield", "4242424242424242"), ("Ed Marlow", "4242424242424242"),
    ("Grace Okafor", "4000000000000341"), ("Rhys Morgan", "4242424242424242"),
)  # fmt: skip
"""More sample clients with their cards; the third's is declined when it is charged."""

DAYS, HOURS = (0, 2, 3, 1, 0, 2), (10, 15, 11, 14, 16, 9)
"""The days of the week and the hours at which each of them comes, by their names."""

WIDTH = 1400
"""Pixels across the PNG of a screen of 140 columns."""

COLOURS = 128
"""Colours of a PNG; a screen has fewer, but for the edges of letters."""

FONTS = "'Fira Code', 'DejaVu Sans Mono', 'Noto Sans Mono', Menlo, Consolas, monospace"


class Picture(NamedTuple):
    """A screen to draw: where the keys lead from the present week."""

    name: str
    keys: tuple[str, ...] = ()
    size: tuple[int, int] = (140, 40)
    theme: str = "helpspace-dark"


PICTURES = (
    Picture("week"),
    Picture("week-small", size=(80, 24)),
    Picture("week-light", theme="helpspace-light"),
    Picture("week-high-contrast", theme="helpspace-high-contrast"),
    Picture("week-colour-blind", theme="helpspace-colour-blind"),
    Picture("day", ("1",)),
    Picture("month", ("3",)),
    Picture("agenda", ("4",)),
    Picture("today", ("T",), size=(100, 24)),
    Picture("session", ("enter",)),
    Picture("cancel", ("x",), size=(80, 24)),
    Picture("quick-add", ("a", *"thu 16:00 maya x6"), size=(80, 24)),
    Picture("clients", ("C",), size=(100, 24)),
    Picture("money", ("M",)),
    Picture("settings", ("S",), size=(80, 24)),
)


async def demo() -> str:
    """Draw the demo with a booking half done on the phone."""
    app = DemoApp(start=START, seed=SEED)
    async with app.run_test(size=DEMO_SIZE) as pilot:
        while not app.is_open:
            await pilot.pause(0.1)
        await app.workers.wait_for_complete()
        await pilot.pause()
        for beginning in ("I agree", "Find a"):
            labels = [label for label in app.phone.phone.labels if label.startswith(beginning)]
            app.phone.phone.tap(labels[-1])
            app.acted()
            await app.workers.wait_for_complete()
            await pilot.pause()
        app.calendar.grid.action_next_block()
        await pilot.pause()
        return screenshot(app, "helpspace demo")


@asynccontextmanager
async def lived_in() -> AsyncIterator[World]:
    """Give a sample practice of some months: sessions held and to come, charged by the sandbox."""
    with tempfile.TemporaryDirectory() as folder:
        async with open_world(Path(folder), START, seed=SEED) as world:
            await add_regulars(world)
            for number, (name, card) in enumerate(MORE):
                await add_regular(world, name, 7100 + number, 0, card)
            await world.settle()
            await world.advance(7 * DAY)
            await world.offload(_fill, world)
            await world.advance(WEEKS * 7 * DAY - HOUR)
            await world.offload(_open, world)
            await world.advance(3 * HOUR)
            yield world


def _fill(world: World) -> None:
    """Book sessions for everybody, each week or every second one, and a holiday between."""
    own, practice = world.therapist, world.practice
    clients = caseload.clients_of(practice, own, own.id)
    for number, client in enumerate(sorted(clients, key=lambda one: one.name)):
        day, hour = DAYS[number % len(DAYS)], HOURS[number % len(HOURS)]
        start = START - 9 * HOUR + (7 + day) * DAY + hour * HOUR
        for week in range(1, WEEKS + 3):
            if week == HOLIDAY or (week < WEEKS and (week * number) % 2) or _is_new(client, week):
                continue
            summer = HOUR if week >= SUMMER else 0
            with suppress(HelpspaceError):
                booking.book_follow_up(
                    practice, own, own.id, client.id, start + week * 7 * DAY - summer
                )
    terminal.end_tour(practice, own)


def _is_new(client: caseload.OwnClient, week: int) -> bool:
    """Whether they come only from the last week on."""
    return client.name == MORE[2][0] and week < WEEKS


def _open(world: World) -> None:
    """Open a few slots in the weeks to come."""
    now = world.practice.now()
    for day, hour in ((2, 4), (3, 6), (4, 2)):
        calendar.open_slots(
            world.practice, world.therapist, world.therapist_id, now + day * DAY + hour * HOUR,
            weeks=3,
        )  # fmt: skip


async def screens(wanted: Iterable[Picture]) -> dict[str, str]:
    """Draw the therapist's screens, each from a terminal that has just been opened."""
    found = {}
    async with lived_in() as world:
        for picture in wanted:
            terminal.keep_view(world.practice, world.therapist, "week")
            app = TherapistApp(world.practice, world.therapist)
            async with app.run_test(size=picture.size) as pilot:
                app.theme = picture.theme
                app.pane.grid.action_next_block()
                await pilot.pause()
                await pilot.press(*picture.keys)
                await app.workers.wait_for_complete()
                await pilot.pause()
                found[picture.name] = screenshot(app, "helpspace tui")
    return found


def screenshot(app: App[None], title: str) -> str:
    """Return a screen as SVG that asks for nothing from anywhere."""
    drawn = app.export_screenshot(title=title)
    drawn = re.sub(r"\s*@font-face \{.*?\}", "", drawn, flags=re.DOTALL)
    return drawn.replace("Fira Code, monospace", FONTS)


def png(drawn: str) -> bytes:
    """Return an SVG as PNG, with the fonts of this machine."""
    import resvg_py  # noqa: PLC0415 - only for drawing, and only makers of documents have it
    from PIL import Image  # noqa: PLC0415 - same

    found = re.search(r'viewBox="0 0 ([\d.]+)', drawn)
    width = round(float(found[1]) * WIDTH / 1726) if found else WIDTH
    raw = resvg_py.svg_to_bytes(svg_string=drawn, width=width, monospace_family="DejaVu Sans Mono")
    written = io.BytesIO()
    picture = Image.open(io.BytesIO(bytes(raw))).convert("RGB").quantize(COLOURS)
    picture.save(written, "PNG", optimize=True)
    return written.getvalue()


async def draw(folder: Path) -> list[Path]:
    """Write every picture as SVG and PNG, and return where."""
    every = {"demo": await demo(), **await screens(PICTURES)}
    written = []
    for name, drawn in every.items():
        path = folder / f"{name}.svg"
        path.write_text(drawn, encoding="utf-8")
        path.with_suffix(".png").write_bytes(png(drawn))
        written += [path, path.with_suffix(".png")]
    return written


def main() -> None:
    """Write the pictures into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for path in asyncio.run(draw(folder)):
        print(path)  # noqa: T201 - a program


if __name__ == "__main__":
    main()
