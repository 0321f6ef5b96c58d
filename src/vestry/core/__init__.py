"""Infrastructure without business words: settings, database, exact types, history, errors, strict input and output."""
