"""Papers that law and visitors ask for, filled from how this consortium really runs."""
