"""Text files, stored to be sent later."""

from django.http import HttpRequest, HttpResponse
from ninja import File, Router, UploadedFile

from conversations.api.answers import said
from conversations.api.bodies import only_these
from conversations.api.shapes import TextFiles
from conversations.api.signed_in import caller
from conversations.attachments import text_files
from conversations.reading.file_object import file_object

router = Router(tags=["files"])


@router.post("/files", response={201: TextFiles}, summary="Upload text files")
def upload(request: HttpRequest, file: File[list[UploadedFile]]) -> HttpResponse:
    """`file` may be repeated. Text of any kind, told by what is in it: all are stored, or none."""
    only_these(request, "file")
    files = text_files.accept(caller(request), file)
    return said({"items": [file_object(one) for one in files]}, 201)
