"""Sign-ins that last: opened, renewed, listed and ended."""
