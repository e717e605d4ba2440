"""The therapist's money: figures, income by week, owed fees, charges to come, payouts."""
