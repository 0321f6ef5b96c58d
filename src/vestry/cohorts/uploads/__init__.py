"""Files of payments: read in pieces, checked whole, recorded all or not at all, and undone as a whole."""
