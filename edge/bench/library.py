"""The libraries that run networks: which are here, under which name and version."""

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version

from edge import runtime


def present() -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Sort the libraries that the unit knows into those that can be imported here, and the rest.

    Returns:
        The modules of the libraries that are here, and a line about each that is not.
    """
    here, absent = [], []
    for library in runtime.LIBRARIES:
        try:
            import_module(library)
        except ImportError as error:
            absent.append(f"{package_of(library)} cannot be imported here: {error}")
        else:
            here.append(library)
    return tuple(here), tuple(absent)


@contextmanager
def only(library: str) -> Iterator[None]:
    """Have networks opened by one library, whichever others are installed."""
    known, runtime.LIBRARIES = runtime.LIBRARIES, (library,)
    try:
        yield
    finally:
        runtime.LIBRARIES = known


def package_of(library: str) -> str:
    """Name the package that a module comes from."""
    return library.partition(".")[0].replace("_", "-")


def named(library: str) -> str:
    """Name a library with its version."""
    package = package_of(library)
    try:
        return f"{package} {version(package)}"
    except PackageNotFoundError:
        return package
