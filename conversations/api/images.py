"""Pictures, stored to be sent later."""

from django.http import HttpRequest, HttpResponse
from ninja import Body, File, Router, UploadedFile

from conversations.api.answers import said
from conversations.api.bodies import only_these
from conversations.api.pictures import taken_in
from conversations.api.shapes import Image, Images
from conversations.api.signed_in import caller
from conversations.attachments.images import image_object
from conversations.chat import pictures
from conversations.chat.pictures import Described
from conversations.db import in_transaction

router = Router(tags=["images"])


@router.post("/images", response={201: Images}, summary="Upload pictures")
def upload(request: HttpRequest, file: File[list[UploadedFile]]) -> HttpResponse:
    """`file` may be repeated. All of them are stored, or none; the same picture twice is one."""
    only_these(request, "file")
    images = taken_in(caller(request), file)
    return said({"items": [image_object(image) for image in images]}, 201)


@router.patch("/images/{image}", response=Image, summary="Say what is to be seen in a picture")
def describe(request: HttpRequest, image: str, body: Body[Described]) -> HttpResponse:
    """`alt` is read to who does not see the picture."""
    return said(image_object(in_transaction(pictures.describe, caller(request), image, body)))
