"""What is promised about speed, measured: `make bench`, or `python -m benchmarks NAME…` for some.

Figures are ratios within one run wherever there is something to compare with: the two sides take
turns, so that whatever else the machine does meets both. Absolute figures are this machine's.
"""

MEASUREMENTS = (
    "first_paint",
    "week_grid",
    "command",
    "bookings",
    "race",
    "matching",
    "due",
    "charges",
    "bot",
)
"""The modules that measure, in the order in which they run."""
