"""A program of the system that works with keys: its output, or one clear line."""

import shutil
import subprocess
from collections.abc import Mapping, Sequence

from edge.errors import KeyProviderError

PATIENCE_S = 60.0
"""Seconds; a TPM that makes a key takes some of them."""


def output_of(
    words: Sequence[str], given: bytes, advice: str, environ: Mapping[str, str] | None = None
) -> bytes:
    """Run a program and give what it wrote.

    Args:
        words: The program and its arguments; no secret, since other users see them.
        given: What it reads: secrets go this way.
        advice: What to do if it refuses.
        environ: Its environment; this process's own by default.

    Raises:
        KeyProviderError: It is not installed, refused, or did not end.
    """
    program = shutil.which(words[0])
    if program is None:
        raise KeyProviderError(f"{words[0]} is not on this machine: install it; deploy/keys.md")
    try:
        return subprocess.run(
            [program, *words[1:]],
            input=given,
            capture_output=True,
            timeout=PATIENCE_S,
            check=True,
            env=environ,
        ).stdout
    except subprocess.CalledProcessError as error:
        said = error.stderr.decode("utf-8", "replace").strip().splitlines()
        why = said[-1] if said else f"status {error.returncode}"
    except (OSError, subprocess.TimeoutExpired) as error:
        why = str(error)
    raise KeyProviderError(f"{words[0]} gives no key ({why}): {advice}")
