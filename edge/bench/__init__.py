"""How fast the unit is: stage by stage, from a cold start, and beside its peers.

Owns clocks and repetitions; what is timed is the unit's own engine, unchanged.
"""
