"""Files into the ledger and the ledger into files: flows, full ledgers, summaries of funds."""
