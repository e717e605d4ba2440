"""What therapists set about their terminal: look, start, lock, and keys of their own."""
