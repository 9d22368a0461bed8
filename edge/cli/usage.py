"""What is wrong with the words of a command, in one line that says where to look."""

from cyclopts import CycloptsError, MissingArgumentError

STATUS = 2
"""The exit status of a command that was mistyped."""


def told(error: CycloptsError, program: str) -> str:
    """Say what was mistyped, and which command shows what there is.

    Args:
        error: What the command line found.
        program: What the whole command is called.
    """
    what = " ".join(str(error).split()).rstrip(".")
    if isinstance(error, MissingArgumentError) and error.argument is not None:
        what = f"{error.argument.names[0]} is missing"
    shows = " ".join((program, *(error.command_chain or ()), "--help"))
    return f"{program}: {what}: {shows} shows what it takes"
