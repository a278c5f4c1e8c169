"""What becomes of an answer, and stopping it."""

from asgiref.sync import async_to_sync
from django.http import HttpRequest, HttpResponse
from ninja import Router

from conversations import access, models
from conversations.api.answers import listed, said
from conversations.api.shapes import Page, Run
from conversations.api.signed_in import caller
from conversations.db import in_transaction
from conversations.models import User
from conversations.reading.objects import run_object
from conversations.runs.stop import stop as stop_run

router = Router(tags=["runs"])


@router.get("/runs", response=Page[Run], summary="Your answers under way")
def running(request: HttpRequest) -> HttpResponse:
    """Those that wait or are being written now, in every conversation."""
    return listed([run_object(run) for run in in_transaction(_live, caller(request))])


def _live(user: User) -> list[models.Run]:
    return list(access.live_runs_for(user))


@router.get("/runs/{run}", response=Run, summary="How it stands with an answer")
def read(request: HttpRequest, run: str) -> HttpResponse:
    return said(run_object(in_transaction(access.run_for, caller(request), run)))


@router.post("/runs/{run}/stop", response=Run, summary="Stop an answer")
def stop(request: HttpRequest, run: str) -> HttpResponse:
    """Nothing is added to the answer after this. What has ended already stays as it is."""
    async_to_sync(stop_run)(caller(request), run)
    return read(request, run)
