"""What the protocol says: one frozen class for each statement, with its canonical bytes.

Each knows the types, sizes and ranges of its own fields and nothing else; who has to sign it
and what it does to the list is told by :mod:`sync.rules` and :mod:`sync.ledger`. Pure.
"""
