"""Requests of people about what is held on them: logged, answered in time, proven."""
