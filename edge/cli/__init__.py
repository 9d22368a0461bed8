"""The command line: one file for each family of commands; the only place that prints."""
