"""Joining: application, review, payments, course, until the profile is published (J1–J7)."""
