"""What others wrote and lies in this repository is what its note says."""

import hashlib
import re
from pathlib import Path


def test_htmx_is_the_file_of_its_authors(root: Path) -> None:
    static = root / "sync/hub/web/static"
    note = (static / "htmx.txt").read_text(encoding="utf-8")
    (stated,) = re.findall(r"^sha256 ([0-9a-f]{64})$", note, re.MULTILINE)
    script = (static / "htmx.min.js").read_bytes()
    assert hashlib.sha256(script).hexdigest() == stated
    (version,) = re.findall(r"is htmx ([0-9.]+) ", note)
    assert f'version:"{version}"'.encode() in script
