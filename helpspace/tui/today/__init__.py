"""The therapist's day: the next session, the rest of the day, and what waits for them."""
