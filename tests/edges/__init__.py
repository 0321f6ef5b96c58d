"""Where the outside begins: requests, files, addresses and pages of others."""
