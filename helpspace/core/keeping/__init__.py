"""Keeping the store safe: backups, restoring them, moving to PostgreSQL, and who was erased."""
