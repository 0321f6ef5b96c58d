"""The trade on a cohort: which part the fund pays and collects, and until when."""
