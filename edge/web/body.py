"""Bodies are read into memory, up to a size that is said beforehand, and never spooled to disk."""

from starlette.exceptions import HTTPException
from starlette.requests import Request


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


def _announced(request: Request) -> int:
    length = request.headers.get("content-length", "0")
    return int(length) if length.isdecimal() else 0
