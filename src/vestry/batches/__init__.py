"""Imports as batches: what came in, from which file, and how to take it back."""
