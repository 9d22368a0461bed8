"""Where the browser tests find Debian's Chromium, and why they skip without it."""

from pathlib import Path

import pytest

CHROMIUM = Path("/usr/bin/chromium")

IN_A_BROWSER = [
    pytest.mark.slow,
    pytest.mark.skipif(not CHROMIUM.exists(), reason="no chromium here: apt-get install chromium"),
]
"""The marks of a test that drives a real browser."""
