"""What must hold of a shelf after power that went at any moment of a sync."""

from pathlib import Path

from edge.gallery.store import Store
from edge.keys.file import KeyFile
from simulator.shelf_samples import NOW_MS
from simulator.shelf_worker import opened
from sync.liveset import State


def whole(folder: Path, last: str) -> None:
    """See that what was said is true, and that list and ledger are of one moment.

    Args:
        folder: Where the shelf lies; nobody writes to it now.
        last: The worker's last line.
    """
    seq, counter = (int(word) for word in last.split())
    with opened(folder) as shelf:
        believed = shelf.trusted()
        assert believed.ledger.seq in {seq, seq + 1}
        assert believed.counter in {counter, counter + 1}
        assert shelf.damaged() == []
        held = shelf.held()
        listed = {name: one for name, one in held.items() if not one.provisional}
        live = {n: one for n, one in believed.ledger.live.items() if one.state is not State.GONE}
        assert {name: one.record_hash for name, one in listed.items()} == {
            name: one.record_hash for name, one in live.items()
        }
        assert all(listed[n].contested == (live[n].state is State.CONTESTED) for n in live)
        assert {name for name, _ in shelf.submissions()} <= held.keys() - listed.keys()
        ((staged,),) = shelf._file.rows("SELECT count(*) FROM staged_entry")
        assert shelf._file.rows("SELECT count(*) FROM photo") == [(len(held) + staged,)]
    with Store.open(folder / "gallery.db", KeyFile(folder / "gallery.key")) as store:
        assert store.head().entries == len(store.references()) == len(held)
        assert all(store.photo(name) for name in held)
        reader = store.reader("model-a")
        while reader.read(NOW_MS / 1000) is None:
            pass
        assert set(reader.entries) == {name for name, one in held.items() if not one.contested}
        assert reader.unfit == {}
