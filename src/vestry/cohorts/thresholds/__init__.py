"""The least that a cohort must pay, and the breaches that were set aside."""
