"""What is assumed of months to come, and what a company declares about its data."""
