"""Files to take away: what a page sends as an attachment."""

import re
from collections.abc import AsyncIterator

from starlette.responses import Response, StreamingResponse

HTML = "text/html; charset=utf-8"
JSON = "application/json"
JSON_LINES = "application/jsonl"
CSV = "text/csv; charset=utf-8"
SVG = "image/svg+xml"

_UNFIT = re.compile(r"[^A-Za-z0-9.-]+")


def attachment(content: bytes | str, name: str, kind: str) -> Response:
    """Send a file that the browser keeps and never shows as a page of ours.

    Args:
        content: Of the file.
        name: What it is called; anything but letters, digits, dots and dashes becomes a dash.
        kind: Its media type.
    """
    return Response(content, media_type=kind, headers=_headers(name))


def streamed(parts: AsyncIterator[str], name: str, kind: str) -> Response:
    """Send a file part by part, as it is made; see ``attachment``."""
    return StreamingResponse(parts, media_type=kind, headers=_headers(name))


def _headers(name: str) -> dict[str, str]:
    safe = _UNFIT.sub("-", name).strip("-.") or "file"
    return {"Content-Disposition": f'attachment; filename="{safe}"'}
