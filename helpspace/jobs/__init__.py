"""The only part that speaks to the outside world: sweeps, the scheduler, and the gateways."""
