"""What a page of the door sends: its forms, and how large they and photos may be."""

from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request

from edge.web.body import read_body

LARGEST_FORM = 4 * 2**10
"""Bytes of a form."""

LARGEST_PHOTO = 20 * 2**20
"""Bytes of a photo of a hand-held check."""


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
