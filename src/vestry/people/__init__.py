"""What is kept about one person: given out whole, or replaced by a pseudonym while the books stay as they are."""
