"""Helpspace: a practice tool for online counsellors in the UK."""

__version__ = "0.1.0"
