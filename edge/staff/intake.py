"""Bodies are read into memory, up to a size that is said beforehand, and never spooled to disk."""

from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

LARGEST_FORM = 4 * 2**10
"""Bytes of a form."""

LARGEST_PHOTO = 20 * 2**20
"""Bytes of a photo of a hand-held check."""


async def read_body(request: Request, largest: int) -> bytes:
    """Read the whole body.

    Raises:
        HTTPException: It is larger than ``largest`` bytes; status 413.
    """
    body = bytearray()
    if _announced(request) <= largest:
        async for part in request.stream():
            body += part
            if len(body) > largest:
                break
        else:
            return bytes(body)
    raise HTTPException(413, f"This is larger than {largest // 2**10:,} KiB: send less.")


async def read_form(request: Request) -> dict[str, str]:
    """Read a small form; of a field that stands twice the first counts.

    Raises:
        HTTPException: It is too large (413), or no form (400).
    """
    body = await read_body(request, LARGEST_FORM)
    try:
        fields = parse_qs(body.decode("utf-8"), max_num_fields=8)
    except ValueError as error:
        raise HTTPException(400, "This is no form.") from error
    return {name: values[0] for name, values in fields.items()}


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0
