"""Company reporting: what a metric is, what companies reported, and what follows from it."""
