"""The demo: a whole practice on this machine, its therapist's calendar beside a client's phone."""
