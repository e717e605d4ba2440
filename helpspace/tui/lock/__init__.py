"""The lock of a terminal that was left open."""
