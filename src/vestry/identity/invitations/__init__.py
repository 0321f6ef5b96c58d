"""Letters with a secret: invitations to the firm, and new passwords for those who forgot theirs."""
