"""The tour of the calendar for somebody who opens it for the first time."""
