"""Funds, their vehicles and their terms."""
