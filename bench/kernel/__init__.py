"""The kernel's benches: every module here has ``rows()``."""
