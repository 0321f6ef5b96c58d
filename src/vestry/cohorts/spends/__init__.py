"""What a company spent to win the customers of a month."""
