"""Pictures, stored to be sent later."""

from django.http import HttpRequest, HttpResponse
from ninja import Body, File, Form, Query, Router, UploadedFile

from conversations import access
from conversations.api.answers import listed, said
from conversations.api.bodies import only_these
from conversations.api.conversations import Paged
from conversations.api.picture_shapes import Image, Images, Known, Shown
from conversations.api.pictures import Named, all_of
from conversations.api.shapes import Page
from conversations.api.signed_in import caller
from conversations.attachments.images import image_object
from conversations.audit import address_of
from conversations.chat import pictures
from conversations.chat.pictures import Described
from conversations.db import in_transaction
from conversations.models import User
from conversations.reading import gallery
from conversations.reading.objects import Object

router = Router(tags=["images"])


@router.post("/images", response={201: Images}, summary="Upload pictures")
def upload(
    request: HttpRequest,
    form: Form[Named],
    file: File[list[UploadedFile]] = [],  # noqa: B006 ninja copies defaults
) -> HttpResponse:
    """`file` and `image_url` may be repeated, ten in all: files first, then what is at the addresses. All
    of them are stored, or none; the same picture twice is one."""
    only_these(request, "file", "image_url")
    images = all_of(caller(request), file, form.image_url, address=address_of(request))
    return said({"items": [image_object(image) for image in images]}, 201)


@router.get("/images", response=Page[Shown], summary="Your pictures")
def read(request: HttpRequest, wanted: Query[Paged]) -> HttpResponse:
    """The newest first, with where they stand. What stands only in temporary conversations is not listed."""
    return listed(*in_transaction(gallery.page, caller(request), **wanted.model_dump()))


@router.get("/images/{image}", response=Known, summary="One of your pictures")
def one(request: HttpRequest, image: str) -> HttpResponse:
    return said(in_transaction(_one, caller(request), image))


def _one(user: User, id: str) -> Object:
    return gallery.one(user, access.image_for(user, id))


@router.patch("/images/{image}", response=Image, summary="Say what is to be seen in a picture")
def describe(request: HttpRequest, image: str, body: Body[Described]) -> HttpResponse:
    """`alt` is read to who does not see the picture."""
    return said(image_object(in_transaction(pictures.describe, caller(request), image, body)))


@router.delete("/images/{image}", response={204: None}, summary="Delete one of your pictures")
def delete(request: HttpRequest, image: str) -> HttpResponse:
    """For good. `conflict` while a message shows it, with where that is."""
    in_transaction(pictures.delete, caller(request), image)
    return HttpResponse(status=204)
