"""Forms: read into memory up to a size, checked for their token, and handed on as plain values."""

import asyncio
import hmac
from collections.abc import AsyncGenerator, Sequence
from enum import StrEnum
from typing import TypeVar

from starlette.datastructures import FormData, UploadFile
from starlette.exceptions import HTTPException
from starlette.formparsers import FormParser, MultiPartException, MultiPartParser
from starlette.requests import Request

from edge.web.body import read_body
from sync.hub.web.texts import t

LARGEST_FORM = 64 * 2**10
"""Bytes of a form without files."""

LARGEST_PHOTO = 20 * 2**20
"""Bytes of one photo."""

MOST_FILES = 12
"""Files of one form; a browser sends an empty one for each field that nobody used."""

LARGEST_UPLOAD = 32 * 2**20
"""Bytes of a form with its photos: what the process can hold in memory for several people."""

UPLOAD_S = 120.0
"""Seconds that a form may take to arrive; whoever sends it byte by byte holds memory no longer."""

MOST_FIELDS = 60
_FIELD_BYTES = 16 * 2**10

AnyChoice = TypeVar("AnyChoice", bound=StrEnum)


class _InMemory(MultiPartParser):
    """Keeps photos in memory: they must not lie in a temporary folder."""

    spool_max_size = LARGEST_UPLOAD + 1


class Form:
    """What somebody typed, chose and attached."""

    def __init__(self, texts: Sequence[tuple[str, str]], files: dict[str, list[bytes]]) -> None:
        """Take the fields; of one that stands twice the first counts."""
        self._every = list(texts)
        self._texts = dict(reversed(texts))
        self._files = files

    def text(self, name: str) -> str:
        """Give what was typed, without blanks around it; "" where the field is missing."""
        return self._texts.get(name, "").strip()

    def secret(self, name: str) -> str:
        """Give what was typed, as it was typed: a password may begin with a blank."""
        return self._texts.get(name, "")

    def texts(self, name: str) -> list[str]:
        """Give all values of a field that may stand several times: ticked boxes."""
        return [value for key, value in self._every if key == name]

    def ticked(self, name: str) -> bool:
        """Tell whether a box was ticked."""
        return name in self._texts

    def choice(self, name: str, kind: type[AnyChoice]) -> AnyChoice | None:
        """Give what was chosen; None for nothing, or for what was never offered."""
        try:
            return kind(self.text(name))
        except ValueError:
            return None

    def number(self, name: str) -> int | None:
        """Give a whole number; None where there is none."""
        text = self.text(name)
        return int(text) if text.isascii() and text.isdigit() and len(text) < 16 else None

    def files(self, name: str) -> list[bytes]:
        """Give the attached files, without the empty ones that browsers send for none."""
        return self._files.get(name, [])

    @property
    def typed(self) -> dict[str, str]:
        """Everything that was typed, for showing the form again."""
        return dict(self._texts)


async def read_form(request: Request) -> Form:
    """Read a form that a page of ours sent.

    ASVS 4.2.2 (a token against forged requests), 12.1.1 and 12.1.3 (sizes and numbers of files).

    Raises:
        HTTPException: 413 too large, 408 too slow, 400 no form, 403 the token is not that of this
            session.
    """
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind not in {"application/x-www-form-urlencoded", "multipart/form-data"}:
        raise HTTPException(400, t("frame.refused.form"))
    uploading = kind == "multipart/form-data"
    photos = uploading and request.state.person is not None  # strangers fill nobody's memory
    try:
        async with asyncio.timeout(UPLOAD_S):
            body = await read_body(request, LARGEST_UPLOAD if photos else LARGEST_FORM)
    except TimeoutError:
        raise HTTPException(408, t("frame.refused.slow")) from None
    found = await _parsed(request, body, uploading=uploading)
    form = Form(
        [(name, value) for name, value in found.multi_items() if isinstance(value, str)],
        await _files(found),
    )
    if not hmac.compare_digest(form.text("csrf").encode(), request.state.csrf.encode()):
        raise HTTPException(403, t("frame.refused.stale"))
    return form


async def _parsed(request: Request, body: bytes, *, uploading: bool) -> FormData:
    async def stream() -> AsyncGenerator[bytes, None]:
        yield body

    try:
        if not uploading:
            return await FormParser(request.headers, stream()).parse()
        return await _InMemory(
            request.headers,
            stream(),
            max_files=MOST_FILES,
            max_fields=MOST_FIELDS,
            max_part_size=_FIELD_BYTES,
        ).parse()
    except (MultiPartException, ValueError) as error:
        raise HTTPException(400, t("frame.refused.form")) from error


async def _files(found: FormData) -> dict[str, list[bytes]]:
    """Take the bytes of the files; their names are the sender's and mean nothing here."""
    files: dict[str, list[bytes]] = {}
    for name, value in found.multi_items():
        if isinstance(value, UploadFile):
            content = await value.read()
            await value.close()
            if len(content) > LARGEST_PHOTO:
                raise HTTPException(413, t("frame.refused.photo", mib=LARGEST_PHOTO // 2**20))
            if content:
                files.setdefault(name, []).append(content)
    return files
