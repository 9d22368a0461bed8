"""An evening at the door in half a minute: sample portraits, a clip made of them, the real unit.

Owns the clip, the panel on the terminal and the comparison with what the clip is known to show.
Knows the unit only from outside: its processes, its configuration file and its socket.
"""
