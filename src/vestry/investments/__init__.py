"""Investments: what a vehicle owns of which company, and every dated transaction that made it so."""
