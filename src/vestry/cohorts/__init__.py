"""Cohort financing: what companies spent to win customers, what those paid since, and what the fund collects of it."""
