"""Connections: systems outside that feed a company's figures, asked by hand or every night."""
