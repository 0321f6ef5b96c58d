"""The monthly round between fund and company: plan, approval, funding, actual spend, statement, settlement."""
