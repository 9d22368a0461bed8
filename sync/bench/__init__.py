"""How fast the list is: from the hub to the doors, onto an empty unit, and with a thousand units.

Owns clocks and repetitions; what is timed is the real hub, the real broker and the real unit.
"""
