"""Passkeys (WebAuthn): keys that never leave a device and prove their owner to our site only."""
