"""The rules for Prometheus speak of figures that there are, and say what they should."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from edge import metrics
from sync.hub.web import metrics as hub_metrics

ROOT = Path(__file__).parents[2]
RULES = ROOT / "deploy" / "alerts.yml"
STORY = Path(__file__).parent / "alerts.test.yml"

needs_promtool = pytest.mark.skipif(
    shutil.which("promtool") is None, reason="needs promtool (package prometheus)"
)


def named() -> set[str]:
    """Collect the figures that the rules ask for."""
    return set(
        re.findall(r"\bdoorwatch_\w+", "".join(re.findall(r"expr: (.*)", RULES.read_text())))
    )


def given() -> set[str]:
    """Collect the figures that the two programs put in, as they stand in their source."""
    found = set()
    for module, prefix in ((metrics, metrics.PREFIX), (hub_metrics, hub_metrics.PREFIX)):
        source = Path(str(module.__file__)).read_text(encoding="utf-8")
        found |= {prefix + name for name in re.findall(r'told\.put\(\s*"(\w+)"', source)}
    return found


def test_every_figure_that_a_rule_asks_for_is_given() -> None:
    assert named()
    assert named() - given() == set()


@needs_promtool
def test_the_rules_are_well_formed_and_say_what_they_should(tmp_path: Path) -> None:
    shutil.copy(RULES, tmp_path / "alerts.yml")
    shutil.copy(STORY, tmp_path / "story.yml")
    for words in (("check", "rules", "alerts.yml"), ("test", "rules", "story.yml")):
        done = subprocess.run(
            ["promtool", *words], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout + done.stderr
