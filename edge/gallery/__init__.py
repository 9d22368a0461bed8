"""The gallery on the unit: sealed on disk, plain only in memory, searched in one product.

Owns keys, the encrypted store and the index; knows nothing of cameras, lamps or the network.
"""
