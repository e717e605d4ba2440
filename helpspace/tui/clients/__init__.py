"""The therapist's clients, and how new ones are invited."""
