"""Pictures of the terminal for the documents, drawn from the sample practice: `make pictures`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

from helpspace.sandbox.demo.app import DemoApp
from helpspace.sandbox.demo.story import START

SIZE = (150, 42)


async def draw(folder: Path) -> list[Path]:
    """Draw the demo with a booking half done on the phone, and return what was written."""
    app = DemoApp(start=START)
    async with app.run_test(size=SIZE) as pilot:
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
        path = folder / "demo.svg"
        path.write_text(app.export_screenshot(title="helpspace demo"), encoding="utf-8")
    return [path]


def main() -> None:
    """Write the pictures into the folder that is named."""
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    for path in asyncio.run(draw(folder)):
        print(path)  # noqa: T201 - a command's answer


if __name__ == "__main__":
    main()
