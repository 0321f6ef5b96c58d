"""Bearer tokens of people's programs: short-lived signed access tokens, renewed by refresh tokens that rotate."""
