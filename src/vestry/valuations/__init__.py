"""Valuations: fair-value marks of what is held, and NAVs reported to us."""
