"""QR codes in pages: pictures that stand in the page itself, so nothing is fetched for them."""

import segno


def qr_address(text: str) -> str:
    """Draw a text as a QR code and give the ``data:`` address of the picture, black on white."""
    return segno.make(text, error="m", micro=False).svg_data_uri(scale=5, border=3, light="white")
