"""Searches of galleries, beside indexes that are here or stood in for."""

import subprocess
import sys
from types import SimpleNamespace
from typing import Any

import msgspec
import numpy as np
import pytest

from edge.bench import indexes, matching
from edge.bench.gallery import index_over, probes_of, templates_of
from edge.bench.matching import MatchAnswer, MatchJob, matched
from edge.vision.face import FloatArray

JOB = MatchJob(sizes=(50, 300), dimension=32, threads=1, runs=5)


class FakeFlat:
    """Finds by the plain product, as an index of faiss answers."""

    def __init__(self, dimension: int, *_: object) -> None:
        self.rows = np.empty((0, dimension), np.float32)

    def add(self, rows: FloatArray) -> None:
        self.rows = np.concatenate([self.rows, rows])

    def search(self, probes: FloatArray, count: int) -> tuple[FloatArray, Any]:
        scores = probes @ self.rows.T
        places = np.argsort(-scores)[:, :count]
        return np.take_along_axis(scores, places, 1), places


def fake_faiss() -> SimpleNamespace:
    return SimpleNamespace(
        __version__="0.1",
        METRIC_INNER_PRODUCT=0,
        ScalarQuantizer=SimpleNamespace(QT_8bit_direct_signed=1),
        IndexFlatIP=FakeFlat,
        IndexScalarQuantizer=FakeFlat,
        omp_set_num_threads=lambda _: None,
    )


def fake_usearch() -> SimpleNamespace:
    def search(rows: Any, probe: Any, count: int, *_: object, **__: object) -> SimpleNamespace:
        found = FakeFlat(rows.shape[1])
        found.add(rows.astype(np.float32))
        return SimpleNamespace(keys=found.search(probe[None].astype(np.float32), count)[1][0])

    return SimpleNamespace(MetricKind=SimpleNamespace(IP=0), search=search)


@pytest.fixture
def faked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "faiss", fake_faiss())  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "usearch.index", fake_usearch())  # type: ignore[arg-type]
    monkeypatch.setitem(sys.modules, "usearch", SimpleNamespace())  # type: ignore[arg-type]


@pytest.fixture
def alone(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("faiss", "usearch", "usearch.index"):
        monkeypatch.setitem(sys.modules, module, None)


def test_each_index_is_timed_in_each_size_and_the_units_own_comes_first(faked: None) -> None:
    answer = matched(JOB)
    assert (answer.absent, answer.failure) == ([], "")
    for size in JOB.sizes:
        rows = [row for row in answer.rows if row.templates == size]
        assert [row.system.split()[0] for row in rows[::2]] == ["doorwatch", "faiss-cpu", "usearch"]
        assert [row.numbers for row in rows] == ["float32", "int8"] * 3
        assert all(len(row.seconds) == 5 and min(row.seconds) > 0 for row in rows)


def test_whatever_compares_floats_finds_all_and_int8_nearly_all(faked: None) -> None:
    for row in matched(JOB).rows:
        assert row.recall == 1.0 if row.numbers == "float32" else 0.8 < row.recall <= 1.0


def test_peers_that_are_not_installed_are_named(alone: None) -> None:
    answer = matched(JOB)
    assert {row.system for row in answer.rows} == {"doorwatch"}
    assert [line.split()[0] for line in answer.absent] == ["faiss", "usearch"]


def test_no_index_is_always_the_first_to_be_asked(
    monkeypatch: pytest.MonkeyPatch, alone: None
) -> None:
    asked: list[str] = []

    def noted(name: str) -> indexes.Searched:
        return indexes.Searched(name, "", lambda _: asked.append(name), lambda _: np.empty(0))

    monkeypatch.setattr(matching, "ours", lambda _: [noted("a"), noted("b"), noted("c")])
    matched(MatchJob(sizes=(20,), dimension=16, threads=1, runs=4))
    assert {"".join(asked[i : i + 3]) for i in range(0, len(asked), 3)} == {"abc", "bca", "cab"}


def test_a_small_gallery_has_fewer_than_ten_best(faked: None) -> None:
    rows = matched(MatchJob(sizes=(3,), dimension=16, threads=1, runs=1)).rows
    assert all(row.recall == 1.0 for row in rows)


def test_every_second_probe_resembles_somebody() -> None:
    templates = templates_of(200, 192)
    best = (probes_of(templates, 10) @ templates.T).max(axis=1)
    assert (best[::2] > 0.6).all()
    assert (best[1::2] < 0.5).all()
    assert np.allclose(np.linalg.norm(templates, axis=1), 1, atol=1e-6)


def test_a_row_is_the_id_of_its_entry() -> None:
    templates = templates_of(200, 32)
    found = index_over(templates, "m").search(templates[123])
    assert int(found[0].entry_id, 16) == 123


def test_a_job_comes_as_json_and_so_does_the_answer() -> None:
    job = msgspec.json.encode(MatchJob(sizes=(40,), dimension=16, threads=1, runs=1))
    command = [sys.executable, "-m", "edge.bench.matching"]
    ended = subprocess.run(command, input=job, capture_output=True, check=True)
    answer = msgspec.json.decode(ended.stdout, type=MatchAnswer)
    assert answer.rows[0].system == "doorwatch"


@pytest.mark.parametrize("package", ["faiss", "usearch"])
@pytest.mark.filterwarnings("ignore::DeprecationWarning")  # of the code that generated faiss
def test_a_peer_that_is_here_finds_what_the_plain_product_finds(package: str) -> None:
    pytest.importorskip(package, reason=f"{package} comes with the extra [bench]")
    rows = [row for row in matched(JOB).rows if row.system.startswith(package)]
    assert [row.recall for row in rows if row.numbers == "float32"] == [1.0, 1.0]
    assert all(row.recall > 0.8 for row in rows)
