"""What import rules cannot see in a pure module: files, printing, the clock, chance, globals."""

import ast
from pathlib import Path

import pytest

PURE = (
    "edge/attempts.py",
    "edge/budget.py",
    "edge/capture/health.py",
    "edge/decision.py",
    "edge/demo/notebook.py",
    "edge/demo/truth.py",
    "edge/door.py",
    "edge/gallery/index.py",
    "edge/gallery/sieve.py",
    "edge/indicator/pattern.py",
    "edge/vision/align.py",
    "edge/vision/detect.py",
    "edge/vision/embed.py",
    "edge/vision/face.py",
    "edge/vision/geometry.py",
    "edge/vision/mesh.py",
    "edge/vision/pyramid.py",
    "edge/vision/quality.py",
    "edge/vision/track.py",
    "edge/vision/watch.py",
    "sync/canonical.py",
    "sync/cautions.py",
    "sync/changes.py",
    "sync/clock.py",
    "sync/entries.py",
    "sync/errors.py",
    "sync/heads.py",
    "sync/ledger.py",
    "sync/lifts.py",
    "sync/liveset.py",
    "sync/message.py",
    "sync/rootchain.py",
    "sync/rules.py",
    "sync/signing.py",
    "sync/snapshot.py",
    "sync/statement/caution.py",
    "sync/statement/field.py",
    "sync/statement/head.py",
    "sync/statement/keybox.py",
    "sync/statement/membership.py",
    "sync/statement/part.py",
    "sync/statement/policy.py",
    "sync/statement/proposal.py",
    "sync/statement/record.py",
    "sync/statement/report.py",
    "sync/statement/root.py",
    "sync/transfer.py",
    "sync/unit/adoption.py",
    "sync/unit/catchup.py",
    "sync/unit/every.py",
    "sync/unit/handshake.py",
    "sync/unit/heads.py",
    "sync/unit/records.py",
    "sync/unit/restore.py",
    "sync/unit/roots.py",
    "sync/unit/standing.py",
    "sync/unit/urgent.py",
    "sync/unit/window.py",
)
BANNED_CALLS = {"open", "print", "input", "exec", "eval", "breakpoint", "globals"}
BANNED_ATTRIBUTES = {"now", "utcnow", "today", "random", "environ", "read_text", "write_text"}
"""Attributes that reach the clock, chance or the outside, whatever they hang on."""


@pytest.mark.parametrize("name", PURE)
def test_a_pure_module_touches_nothing(root: Path, name: str) -> None:
    tree = ast.parse((root / name).read_text(encoding="utf-8"))
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name):
            found += [node.func.id] * (node.func.id in BANNED_CALLS)
        if isinstance(node, ast.Attribute):
            found += [node.attr] * (node.attr in BANNED_ATTRIBUTES)
        if isinstance(node, ast.Global):
            found.append("global")
    assert found == []


@pytest.mark.parametrize("name", PURE)
def test_the_tests_of_a_pure_module_need_no_mock(root: Path, name: str) -> None:
    tests = root / "tests" / Path(name).parent
    told = [
        path for path in tests.glob(f"test_{Path(name).stem}*.py") if "mock" in path.read_text()
    ]
    assert told == []
