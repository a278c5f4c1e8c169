"""Imports as somebody asks for them: begun, followed, and told to be over when their process is gone."""

import asyncio
import os
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import IO, Any

from django.db import IntegrityError, transaction
from django.db.models import Exists, OuterRef
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import access, tasks
from conversations.attachments import storage
from conversations.chat.imports.work import INTERRUPTED, Work
from conversations.db import in_transaction
from conversations.errors import Conflict
from conversations.models import Boot, ImportJob, User
from conversations.runs.start import BOOT
from conversations.text import clean

# In each process; whoever comes later waits.
AT_ONCE = 1
LISTED = 20
# So long without a sign its process is gone for good: a slow Postgres is nobody's death.
DEAD_SECONDS = 30
UNDER_WAY = _("An import of yours is under way. Wait for its end.")

_threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="import")


def begin(user: User, file: IO[bytes], *, name: str, size: int) -> tuple[ImportJob, Work]:
    """Its row, and the work that `keep_doing` does. Raises Conflict while another is under way.

    `file` is ours from here on; it has no name, and is gone with the process however that ends.
    """
    job = in_transaction(_begun, user, clean(name)[:200], size)
    return job, Work(job, user, file)


def _begun(user: User, name: str, size: int) -> ImportJob:
    _end_those_left_behind(user)
    job = ImportJob(owner=user, boot=BOOT, file_name=name, file_bytes=size)
    try:
        with transaction.atomic():
            job.save()
    except IntegrityError:
        raise Conflict(str(UNDER_WAY)) from None
    return job


async def keep_doing(work: Work) -> None:
    """Beside the request that brought the file."""
    tasks.keep(_done(work))


async def _done(work: Work) -> None:
    await asyncio.get_running_loop().run_in_executor(_threads, work.do)


def nameless_copy(upload: Any) -> IO[bytes]:
    """An upload that outlives its request. A large one is a file already: it is held, not copied."""
    try:
        return os.fdopen(os.dup(upload.fileno()), "rb")
    except (AttributeError, OSError):  # a small one, in memory
        with storage.disk_trouble_told():
            file = storage.nameless(storage.room())
            for chunk in upload.chunks():
                file.write(chunk)
        return file


def job(user: User, id: object) -> ImportJob:
    """As it stands now. Raises NotFound."""
    _end_those_left_behind(user)
    return access.import_for(user, id)


def stop(user: User, id: object) -> ImportJob:
    """What came in stays; what is being written may still come. One that has ended stays as it is."""
    found = job(user, id)
    rows = ImportJob.objects.filter(pk=found.pk, status__in=ImportJob.LIVE)
    rows.update(status=ImportJob.Status.STOPPED, finished_at=timezone.now())
    return access.import_for(user, id)


def recent(user: User) -> list[ImportJob]:
    _end_those_left_behind(user)
    return list(ImportJob.objects.filter(owner=user).order_by("-pk")[:LISTED])


def _end_those_left_behind(user: User) -> None:
    alive = Boot.objects.filter(
        pk=OuterRef("boot"), beat_at__gt=Now() - timedelta(seconds=DEAD_SECONDS)
    )
    left = ImportJob.objects.filter(owner=user, status__in=ImportJob.LIVE).exclude(boot=BOOT)
    left.filter(~Exists(alive)).update(
        status=ImportJob.Status.INTERRUPTED, error=str(INTERRUPTED), finished_at=timezone.now()
    )
