"""A profile of Hypothesis for emulated processors: fewer examples, and no hurry.

Loaded by ``pytest -p machines.patience --hypothesis-profile=patience``.
"""

from hypothesis import HealthCheck, settings

settings.register_profile(
    "patience", deadline=None, max_examples=10, suppress_health_check=list(HealthCheck)
)
