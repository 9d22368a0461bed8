"""How well the unit recognises people, measured as ISO/IEC 19795-1 asks.

Owns the statistics (pure: ``verification``, ``identification``, ``alerts``, ``groups``,
``curve``) and the running of them on folders of photographs. Templates stay in memory.
"""
