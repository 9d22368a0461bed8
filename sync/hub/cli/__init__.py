"""The command line of the hub: arguments in, one call, an exit status out. No rules here."""
