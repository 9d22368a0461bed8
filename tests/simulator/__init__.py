"""A consortium in RAM: hub, broker, units, network, attacker and checker under virtual time.

Everything that happens follows from one seed. A test that fails prints its seed and the one
command that replays it.
"""
