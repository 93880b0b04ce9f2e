"""The ledger: customers, invoices, the journal and its seals, accounts, document numbers (LE)."""
