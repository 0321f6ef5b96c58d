"""Performance of funds, vehicles, companies, investments and investors: the one place where figures are made."""
