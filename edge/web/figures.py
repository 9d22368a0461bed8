"""Figures for Prometheus: who may have them, and how they are written."""

import hmac
from collections.abc import Iterable, Iterator
from pathlib import Path

from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.metrics_core import Metric
from prometheus_client.registry import Collector
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from edge.web.origin import from_here

LONGEST_TOKEN = 4096
"""Bytes of a token's file that are read."""

Value = float | bool | None
"""What a figure may be; None is not known, and is left out."""


class Figures(Collector):
    """The figures of one moment, in the order in which they were put in."""

    def __init__(self, prefix: str) -> None:
        """Start with none.

        Args:
            prefix: Stands before each name.
        """
        self._prefix = prefix
        self._families: dict[str, GaugeMetricFamily] = {}

    def put(self, name: str, about: str, value: Value, /, **labels: str) -> None:
        """Put one figure in; further ones of its name differ by their labels.

        Args:
            name: What is measured, with its unit.
            about: The same in words.
            value: How much.
            **labels: Of which part.
        """
        if value is None:
            return
        if name not in self._families:
            family = GaugeMetricFamily(self._prefix + name, about, labels=list(labels))
            self._families[name] = family
        self._families[name].add_metric(list(labels.values()), float(value))

    def collect(self) -> Iterable[Metric]:
        """Give them to the writer."""
        return self._families.values()

    def answer(self) -> Response:
        """Write them as Prometheus reads them."""
        registry = CollectorRegistry()
        registry.register(self)
        return Response(generate_latest(registry), media_type=CONTENT_TYPE_LATEST)


def admit(request: Request, token_file: Path | None) -> None:
    """Let in who may have figures: this machine, or whoever knows the word in a file.

    Args:
        request: The question.
        token_file: Where the word stands; None admits this machine alone.

    Raises:
        HTTPException: They may not.
    """
    if token_file is None:
        if not from_here(request):
            told = "Figures are for this machine alone: ask for localhost, or set metrics_token."
            raise HTTPException(403, told)
        return
    _, _, given = request.headers.get("authorization", "").partition("Bearer ")
    if not any(hmac.compare_digest(given.encode(), word) for word in _words(token_file)):
        raise HTTPException(401, "The word in metrics_token is needed: authorization: Bearer …")


def _words(token_file: Path) -> Iterator[bytes]:
    """Read the word; a file that is missing or empty opens nothing."""
    try:
        with token_file.open("rb") as file:
            word = file.read(LONGEST_TOKEN).strip()
    except OSError:
        return
    if word:
        yield word
