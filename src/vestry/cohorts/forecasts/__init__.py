"""What cohorts are expected to pay, how sure that is, and what terms follow from it. Nothing here is stored."""
