"""Money: what an appointment owes against what Stripe holds, settled one step at a time (M1–M8)."""
