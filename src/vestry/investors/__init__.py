"""Investors: who provides the capital."""
