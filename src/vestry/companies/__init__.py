"""Companies, their financing rounds and the securities they issued."""
