"""The therapist's own profile: editing it, seeing it as clients do, and publishing it (P1–P3)."""
