"""Capital between investors and vehicles: commitments, calls, distributions, and the vehicle's own entries."""
