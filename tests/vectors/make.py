"""Write the test vectors of sync/PROTOCOL.md, from fixed keys: the same bytes on every machine.

    PYTHONPATH=tests python -m vectors.make

Every vector says what a reader is given, and under "refusal" the code that it has to refuse it
with, or null. Byte strings are hexadecimal.
"""

import json
from pathlib import Path
from typing import TYPE_CHECKING

from paper_hub import root
from vectors.caution_cases import caution_vectors
from vectors.ledger_cases import ledger_vectors
from vectors.pair_cases import pair_vectors
from vectors.seal_cases import seal_vectors
from vectors.statement_cases import canonical_vectors, root_vectors, statement_vectors
from vectors.trust_cases import head_vectors, lift_vectors, snapshot_vectors

if TYPE_CHECKING:
    from vectors.writing import Vector

FOLDER = Path(__file__).parent

FILES = {
    "canonical": canonical_vectors,
    "statements": statement_vectors,
    "roots": root_vectors,
    "ledger": ledger_vectors,
    "heads": head_vectors,
    "snapshots": snapshot_vectors,
    "lifts": lift_vectors,
    "cautions": caution_vectors,
    "seals": seal_vectors,
    "pairs": pair_vectors,
}
TRUSTED = {"ledger", "heads", "snapshots", "lifts", "cautions"}
"""Files whose vectors are read under the first root."""


def written(name: str) -> str:
    """Give the text of one file of vectors."""
    about: Vector = {"protocol": "doorwatch/1"}
    if name in TRUSTED:
        about["root"] = root().encode().hex()
    content = {**about, "vectors": list(FILES[name]())}
    return json.dumps(content, indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    for file in FILES:
        (FOLDER / f"{file}.json").write_text(written(file), encoding="utf-8")
