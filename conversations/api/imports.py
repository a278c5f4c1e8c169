"""Bringing along what was said elsewhere."""

from asgiref.sync import async_to_sync
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from ninja import File, Router, UploadedFile

from conversations import models
from conversations.api.answers import listed, said
from conversations.api.bodies import only_these
from conversations.api.own_shapes import Import
from conversations.api.shapes import Page
from conversations.api.signed_in import caller
from conversations.chat.imports import jobs
from conversations.chat.imports.left_out import lines
from conversations.db import in_transaction
from conversations.errors import Invalid
from conversations.models import ImportJob
from conversations.reading.moments import when
from conversations.reading.objects import Object

router = Router(tags=["imports"])

ONE_FILE = _("Bring one file at a time.")


@router.get("/imports", response=Page[Import], summary="Your imports")
def imports(request: HttpRequest) -> HttpResponse:
    """The newest twenty."""
    return listed([import_object(job) for job in in_transaction(jobs.recent, caller(request))])


@router.post("/imports", response={201: Import}, summary="Bring conversations along")
def begin(request: HttpRequest, file: File[UploadedFile]) -> HttpResponse:
    """`file` is the ZIP of ChatGPT's data export, its `conversations.json`, or an export of this site.
    It is taken in beside this call: ask for the import to see how far it is."""
    only_these(request, "file")
    if len(request.FILES.getlist("file")) > 1:
        raise Invalid(ONE_FILE, fields={"file": [ONE_FILE]})
    user = caller(request)
    try:
        job, work = jobs.begin(
            user, jobs.nameless_copy(file), name=file.name or "", size=file.size or 0
        )
    finally:
        connections.close_all()
    async_to_sync(jobs.keep_doing)(work)
    return said(import_object(job), 201)


@router.get("/imports/{job}", response=Import, summary="How far an import is")
def read(request: HttpRequest, job: str) -> HttpResponse:
    return said(import_object(in_transaction(jobs.job, caller(request), job)))


@router.post("/imports/{job}/stop", response=Import, summary="Stop an import")
def stop(request: HttpRequest, job: str) -> HttpResponse:
    """What came in stays, and the same file brings the rest. One that has ended stays as it is."""
    return said(import_object(in_transaction(jobs.stop, caller(request), job)))


def import_object(job: models.ImportJob) -> Object:
    return {
        "id": str(job.pk),
        "status": job.status,
        "live": job.status in ImportJob.LIVE,
        "file_name": job.file_name,
        "file_bytes": job.file_bytes,
        "progress": round(job.progress, 3),
        "found": job.found,
        "imported": job.imported,
        "extended": job.extended,
        "known": job.known,
        "messages": job.messages,
        "images": job.images,
        "left_out": lines(job.left_out),
        "error": job.error or None,
        "created_at": when(job.created_at),
        "finished_at": when(job.finished_at),
    }
