"""What a file is that we do not take, and what to do instead."""

from conversations.attachments import boxes
from conversations.errors import UnsupportedImage, Words
from conversations.errors import marked as _

OTHERS = (
    (b"%PDF", _("This is a PDF. {instead}")),
    (b"II+\0", _("This is a BigTIFF, made for pictures of gigabytes. {instead}")),
    (b"MM\0+", _("This is a BigTIFF, made for pictures of gigabytes. {instead}")),
    (b"\0\0\1\0", _("This is an icon file. {instead}")),
    (b"8BPS", _("This is a Photoshop file. {instead}")),
    (b"PK\3\4", _("This is an archive or an Office document. {instead}")),
    (b"\xff\x0a", _("This is a JPEG XL picture. {instead}")),
    (b"\0\0\0\x0cJXL ", _("This is a JPEG XL picture. {instead}")),
    (b"\0\0\0\x0cjP  ", _("This is a JPEG 2000 picture. {instead}")),
    (b"{\\rtf", _("This is a text document. {instead}")),
)
BRANDS = {
    b"heic": "HEIC", b"heix": "HEIC", b"heim": "HEIC", b"heis": "HEIC", b"hevc": "HEIC",
    b"hevx": "HEIC", b"mif1": "HEIF", b"msf1": "HEIF", b"avif": "AVIF", b"avis": "AVIF",
}  # fmt: skip
EMPTY = _("The file is empty.")
IN_FORMAT = _("This is a picture in {brand} format. {instead}")
VIDEO = _("This is a video. {instead}")
SVG = _("This is an SVG or XML file, which can carry programs. {instead}")
WEB_PAGE = _("This is a web page, not a picture. {instead}")
WORDS = _("This is text, not a picture. {instead}")
UNREADABLE = _("This is not a picture that can be read here. {instead}")
INSTEAD = _("JPEG, PNG, GIF, WebP, AVIF, BMP and TIFF can be used.")
INSTEAD_HEIC = _("JPEG, PNG, GIF, WebP, HEIC, AVIF, BMP and TIFF can be used.")


def refusal(start: bytes) -> UnsupportedImage:
    """Why a file with this beginning is refused, and what would not be."""
    brand = BRANDS.get(start[8:12]) or ""
    # A refusal too, so that it is said in the same language and no earlier.
    instead = UnsupportedImage(INSTEAD_HEIC if boxes.takes_heic() else INSTEAD)
    return UnsupportedImage(_reason(start, brand), names={"brand": brand, "instead": instead})


def _reason(start: bytes, brand: str) -> Words:
    if not start:
        return EMPTY
    for signature, what in OTHERS:
        if start.startswith(signature):
            return what
    if start[4:8] == b"ftyp":
        return IN_FORMAT if brand else VIDEO
    return _reason_for_text(start.lstrip(b"\xef\xbb\xbf \t\r\n").lower())


def _reason_for_text(start: bytes) -> Words:
    if start.startswith((b"<svg", b"<?xml", b"<!doctype svg", b"<!--")):
        return SVG
    if start.startswith(b"<"):
        return WEB_PAGE
    if start and all(byte >= 0x20 or byte in b"\t\r\n" for byte in start):
        return WORDS
    return UNREADABLE
