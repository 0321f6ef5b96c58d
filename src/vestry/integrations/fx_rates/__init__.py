"""Where reference rates are fetched."""
