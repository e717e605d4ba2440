"""The joining app: application, payments and what else stands before a published profile (J1)."""
