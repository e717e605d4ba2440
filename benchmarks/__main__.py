"""Runs measurements: all of them, or those that are named."""

from __future__ import annotations

import argparse
import importlib
import os
import sys
import time
import traceback

from benchmarks import MEASUREMENTS, paper
from benchmarks.harness import Bench, Report
from benchmarks.stores import Stores, open_stores


def main() -> int:
    """Run what the command line names and return 1 when a limit was missed."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("name", nargs="*", help=f"of: {', '.join(MEASUREMENTS)}")
    parser.add_argument("--write", action="store_true", help="write BENCHMARKS.md from this run")
    parser.add_argument(
        "--alone",
        action="store_true",
        help="run before all other work on this machine (needs the right to); not before its disk",
    )
    args = parser.parse_args()
    unknown = set(args.name) - set(MEASUREMENTS)
    if unknown or (args.write and args.name):
        parser.error("--write takes a whole run" if not unknown else f"no {', '.join(unknown)}")
    if args.alone:
        os.sched_setscheduler(0, os.SCHED_RR, os.sched_param(1))
    began = time.monotonic()
    with open_stores() as stores:
        reports = [run(stores, name) for name in args.name or MEASUREMENTS]
    missed = [row for report in reports for row in report.rows if row.kept is False]
    took = time.monotonic() - began
    sys.stdout.write(f"\n{len(missed)} missed, {took:,.0f} s in all.\n")
    if args.write:
        paper.write(reports, took, alone=args.alone)
    return 1 if missed else 0


def run(stores: Stores, name: str) -> Report:
    """Run one measurement; one that breaks or leaves a promise out counts as missed."""
    module = importlib.import_module(f"benchmarks.{name}")
    report = Report(name, module.TITLE)
    sys.stdout.write(f"\n{report.title}  [{name}]\n")
    try:
        module.measure(Bench(stores, report))
    except Exception as error:  # noqa: BLE001 - the other measurements still run
        traceback.print_exc()
        report.fail(f"broke: {type(error).__name__}")
    for key in sorted(set(module.PROMISED) - report.measured):
        report.fail(f"not measured: {key}")
    return report


if __name__ == "__main__":
    sys.exit(main())
