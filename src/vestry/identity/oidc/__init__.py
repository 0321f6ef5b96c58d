"""Signing in by a directory of the firm's own (OpenID Connect): Entra ID, Google, Keycloak, and others alike."""
