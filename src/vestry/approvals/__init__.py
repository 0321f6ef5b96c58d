"""Four eyes: which kinds of change wait for somebody else, what waits, and who decided."""
