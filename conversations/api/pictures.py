"""Uploads on the request's own thread, a few at a time."""

from base64 import b64decode
from binascii import Error as NotBase64
from collections.abc import Mapping, Sequence
from typing import Annotated

from django.core.files.base import ContentFile
from django.db import connections
from django.utils.translation import gettext_lazy as _
from pydantic import BaseModel, Field

from conversations import site
from conversations.attachments.accept import MAX_FILES, TOO_MANY, Upload, accept
from conversations.attachments.line import Line
from conversations.errors import Invalid, TooLarge, UnsupportedImage, Words
from conversations.models import Image, User

# Each is copied and hashed here, and then stands in line for one of two decoders (accept.py).
CALLS_AT_ONCE, OF_ONE = 4, 2
_line = Line(CALLS_AT_ONCE, of_one=OF_ONE)
NONE: Mapping[str, Image] = {}

NO_ADDRESSES = _(
    "This site does not fetch pictures from addresses. "
    "Send the file itself, or its bytes as a data: URL."
)
NO_PICTURE = _("Add at least one picture: a file, or an image_url.")
NO_DATA_URL = _("This is not a picture as a data: URL in base64.")


class Named(BaseModel):
    """Pictures by their addresses."""

    image_url: Annotated[
        list[str],
        Field(description="An address of the web, or a data: URL in base64. May be repeated."),
    ] = []


def all_of(
    user: User,
    files: Sequence[Upload],
    urls: Sequence[str],
    known: Mapping[str, Image] = NONE,
    *,
    address: str | None = None,
) -> list[Image]:
    """`files`, then what is at `urls`, data: or of the web, in their order. All, or a Refusal.

    What is `known` by its address is not fetched. `address` is where they are asked for.
    """
    urls = [url for url in urls if url.strip()]
    of = _some(len(files) + len(urls))
    inline = {place: url for place, url in enumerate(urls, len(files)) if _is_data(url)}
    of_the_web = {place: url for place, url in enumerate(urls, len(files)) if place not in inline}
    there = _known_of(of_the_web, known) if known else {}
    to_fetch = {place: url for place, url in of_the_web.items() if place not in there}
    pictures: dict[int, Upload] = dict(enumerate(files))
    pictures |= {place: of_data_url(url) for place, url in inline.items()}
    new: list[Image] = []
    if to_fetch:
        new = _with_fetched(user, pictures, to_fetch, of, address)
    elif pictures:
        new = taken_in(user, _in_order(pictures))
    there |= zip(sorted({*pictures, *to_fetch}), new, strict=True)
    return [image for _place, image in sorted(there.items())]


def _known_of(urls: Mapping[int, str], known: Mapping[str, Image]) -> dict[int, Image]:
    from conversations.attachments.fetching.address import as_source

    sources = {place: as_source(url) for place, url in urls.items()}
    return {place: known[source] for place, source in sources.items() if source in known}


def _with_fetched(
    user: User,
    pictures: Mapping[int, Upload],
    urls: Mapping[int, str],
    of: int,
    address: str | None,
) -> list[Image]:
    if site.now().image_urls == "off":
        raise _wrong(NO_ADDRESSES)
    from conversations.attachments.fetching import fetch  # few want it, and it brings a client

    with fetch.fetched(user, urls, of=of, address=address) as found:
        try:
            return taken_in(user, _in_order({**pictures, **found}))
        except (TooLarge, UnsupportedImage) as refusal:
            if pictures:
                raise
            # No file was sent: what is wrong is at the address.
            said = refusal.args[0]
            raise type(refusal)(
                said, names=refusal.names, fields={"image_url": [said]}
            ) from refusal


def _some(count: int) -> int:
    sentence = NO_PICTURE if not count else TOO_MANY if count > MAX_FILES else None
    if sentence:
        raise Invalid(sentence, names={"most": MAX_FILES}, fields={"file": [sentence]})
    return count


def _in_order(pictures: Mapping[int, Upload]) -> list[Upload]:
    return [picture for _place, picture in sorted(pictures.items())]


def _is_data(url: str) -> bool:
    return url.lstrip()[:5].lower() == "data:"


def taken_in(user: User, uploads: Sequence[Upload]) -> list[Image]:
    """In no transaction: decoding takes seconds, and waiting for a turn holds no connection."""
    try:
        with _line.place(user.pk):
            images = accept(user, uploads)
        _remember(images, uploads)
        return images
    finally:
        connections.close_all()


def _remember(images: Sequence[Image], uploads: Sequence[Upload]) -> None:
    """Where each came from the last time: an address, or a person's own hands."""
    for image, upload in zip(images, uploads, strict=True):
        source = str(getattr(upload, "source", ""))
        if image.source != source:
            image.source = source
            # Not `save`: its owner may have deleted it in another tab since.
            Image.objects.filter(pk=image.pk).update(source=source)


def of_data_url(url: str) -> "ContentFile[bytes]":
    """The bytes of `data:image/…;base64,…`; what they really are, accept.py finds out."""
    head, comma, encoded = url.strip().partition(",")
    kind, *parameters = head[5:].lower().split(";")
    if not comma or not kind.startswith("image/") or "base64" not in parameters:
        raise _wrong(NO_DATA_URL)
    try:
        return ContentFile(b64decode("".join(encoded.split()), validate=True))
    except (NotBase64, ValueError):
        raise _wrong(NO_DATA_URL) from None


def _wrong(sentence: Words) -> Invalid:
    return Invalid(sentence, fields={"image_url": [sentence]})
