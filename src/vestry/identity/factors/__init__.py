"""Second factors: codes of an authenticator application, recovery codes, and which roles must have one."""
