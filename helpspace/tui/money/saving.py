"""A tax year's income as a file of one's own, or how it is had where the machine is not theirs."""

from __future__ import annotations

from pathlib import Path

from helpspace.core.errors import Invalid
from helpspace.core.payments.income import Report, as_csv
from helpspace.filing import says, write_new

MOST = 100
"""How many files of one tax year are kept apart by a number."""


def save(report: Report, folder: Path | None = None) -> tuple[Report, Path]:
    """Write a report as CSV into a folder, where one is, and return it with the file's path.

    Never over another file; a file that says the same already is named again. Only its owner can
    read it. Raises Invalid if it cannot be written.
    """
    text = as_csv(report).encode()
    name = f"helpspace-income-{report.period.name.replace('/', '-')}"
    for number in range(1, MOST + 1):
        try:
            path = (folder or Path.cwd()) / f"{name}{f'-{number}' if number > 1 else ''}.csv"
            write_new(path, text)
        except FileExistsError:
            if not says(path, text):
                continue
        except OSError as error:
            why = (error.strerror or "the disk refused it").lower()
            raise Invalid(
                f"The file was not written: {why}", "Start Helpspace in a folder of your own."
            ) from None
        return report, path
    raise Invalid("There are many files of that year here", "Put them away and try again.")


def elsewhere(year: int, therapist_id: str) -> str:
    """Say how the file is had on a shared host, which writes none."""
    return (
        "This host writes no files. The team sends it to you: "
        f"helpspace report income --tax-year {year} --therapist {therapist_id}"
    )
