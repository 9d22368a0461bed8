"""The hub: the consortium's service that keeps the ledger, signs it, and tells the units."""
