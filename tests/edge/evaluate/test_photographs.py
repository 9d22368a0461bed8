"""Folders of photographs and lists of pairs."""

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from edge.evaluate.photographs import (
    EvaluationError,
    by_person,
    joined,
    labelled,
    listed_pairs_of,
    one_each,
)


def put(root: Path, *names: str) -> Path:
    for name in names:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        (root / name).write_bytes(b"")
    return root


def test_each_folder_is_one_person(tmp_path: Path) -> None:
    put(tmp_path, "b/1.jpg", "a/1.jpg", "a/2.PNG", "a/notes.txt", "stray.jpg")
    (tmp_path / "empty").mkdir()
    found = by_person(tmp_path)
    assert [path.relative_to(tmp_path).as_posix() for path in found.paths] == [
        "a/1.jpg",
        "a/2.PNG",
        "b/1.jpg",
    ]
    assert list(found.person) == [0, 0, 1]
    assert found.people == 2
    assert by_person(tmp_path, limit=1).people == 1


def test_a_folder_without_people_is_refused_with_one_line(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="one folder for each person"):
        by_person(put(tmp_path, "stray.jpg"))
    with pytest.raises(EvaluationError, match="No such file"):
        by_person(tmp_path / "nowhere")


def test_a_limit_on_strangers_is_spread_over_the_folder(tmp_path: Path) -> None:
    put(tmp_path, *(f"{number:02}.jpg" for number in range(10)))
    assert len(one_each(tmp_path)) == 10
    assert [path.stem for path in one_each(tmp_path, limit=2)] == ["00", "09"]


def test_a_folder_without_strangers_is_refused(tmp_path: Path) -> None:
    with pytest.raises(EvaluationError, match="no photographs"):
        one_each(tmp_path)


def test_labels_are_read_by_file_name(tmp_path: Path) -> None:
    table = tmp_path / "labels.csv"
    table.write_text("file,age,group,gender\n1.jpg,20-29,Indian,Female\n")
    assert labelled(table) == {"1.jpg": "Indian Female"}
    table.write_text("file,gender\n")
    with pytest.raises(EvaluationError, match="no column 'group'"):
        labelled(table)


def test_lfw_pairs_are_read(tmp_path: Path) -> None:
    put(tmp_path, "A_B/A_B_0001.jpg", "A_B/A_B_0002.jpg", "C/C_0004.jpg")
    file = tmp_path / "pairs.txt"
    file.write_text("10\t300\nA_B\t1\t2\nA_B\t2\tC\t4\n")
    pairs = listed_pairs_of(file, tmp_path)
    assert list(pairs.same) == [True, False]
    names = [path.stem for path in pairs.photographs.paths]
    assert [[names[place] for place in pair] for pair in pairs.places] == [
        ["A_B_0001", "A_B_0002"],
        ["A_B_0002", "C_0004"],
    ]
    assert pairs.photographs.people == 2


def test_pairs_in_csv_are_read(tmp_path: Path) -> None:
    put(tmp_path, "x.jpg", "y.jpg", "z.jpg")
    file = tmp_path / "pairs.csv"
    file.write_text("a,b,same\nx.jpg,y.jpg,1\ny.jpg,z.jpg,0\n")
    pairs = listed_pairs_of(file, tmp_path)
    assert list(pairs.same) == [True, False]
    assert list(pairs.photographs.person) in ([0, 0, 1], [1, 1, 0])


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("", "lists no pairs"),
        ("a,b,same\n", "lists no pairs"),
        ("a,b,same\nx.jpg,y.jpg,yes\n", "0 or 1"),
        ("A\t1\t2\nwhat is this\n", "line 2"),
        ("A\t1\t2\n", "not there"),
    ],
)
def test_a_list_that_is_none_is_refused_with_one_line(tmp_path: Path, text: str, line: str) -> None:
    file = tmp_path / "pairs.txt"
    file.write_text(text)
    with pytest.raises(EvaluationError, match=line):
        listed_pairs_of(file, tmp_path)


def test_a_list_that_is_no_text_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "pairs.txt"
    file.write_bytes(b"\xff\xfe\x00\xd8")
    with pytest.raises(EvaluationError, match="not text"):
        listed_pairs_of(file, tmp_path)


@given(st.lists(st.tuples(st.integers(0, 19), st.integers(0, 19)), max_size=30))
def test_photographs_linked_however_far_are_one_persons(links: list[tuple[int, int]]) -> None:
    owner = joined(20, np.array(links, np.int64).reshape(-1, 2))
    assert set(owner) == set(range(len(set(owner))))
    assert all(owner[one] == owner[other] for one, other in links)
    together = {frozenset({place}) for place in range(20)}
    for one, other in links:
        mine, theirs = (next(s for s in together if p in s) for p in (one, other))
        together = (together - {mine, theirs}) | {mine | theirs}
    assert len(together) == len(set(owner))
