"""A tax year's income as a file of one's own, or how it is had where the machine is not theirs."""

from __future__ import annotations

import os
from pathlib import Path

from helpspace.core.errors import Invalid
from helpspace.core.payments.income import Report, as_csv

MOST = 100
"""How many files of one tax year are kept apart by a number."""


def save(report: Report, folder: Path | None = None) -> tuple[Report, str]:
    """Write a report as CSV into a folder, where one is, and return it with the file's name.

    Never over another file; a file that says the same already is named again. Only its owner can
    read it. Raises Invalid if it cannot be written.
    """
    text = as_csv(report).encode()
    name = f"helpspace-income-{report.period.name.replace('/', '-')}"
    for number in range(1, MOST + 1):
        try:
            path = (folder or Path.cwd()) / f"{name}{f'-{number}' if number > 1 else ''}.csv"
            _write(path, text)
        except FileExistsError:
            if not _says(path, text):
                continue
        except OSError as error:
            why = (error.strerror or "the disk refused it").lower()
            raise Invalid(
                f"The file was not written: {why}", "Start Helpspace in a folder of your own."
            ) from None
        return report, str(path)
    raise Invalid("There are many files of that year here", "Put them away and try again.")


def _write(path: Path, text: bytes) -> None:
    """Write a new file whole or not at all."""
    number = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(number, "wb") as out:
            out.write(text)
            out.flush()
            os.fsync(out.fileno())
    except OSError:
        path.unlink(missing_ok=True)
        raise


def _says(path: Path, text: bytes) -> bool:
    """Say whether a file has this text already."""
    try:
        return path.is_file() and path.stat().st_size == len(text) and path.read_bytes() == text
    except OSError:
        return False


def elsewhere(year: int, therapist_id: str) -> str:
    """Say how the file is had on a shared host, which writes none."""
    return (
        "This host writes no files. The team sends it to you: "
        f"helpspace report income --tax-year {year} --therapist {therapist_id}"
    )
