"""The gallery on the unit: sealed on disk, plain only in memory, searched in one product.

Owns keys, the encrypted store and the index, and what a member of a consortium keeps of its
ledger; knows nothing of cameras, lamps or the network.
"""
