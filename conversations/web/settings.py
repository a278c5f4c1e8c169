"""The settings page: forms that need no script. What is wrong is said where it was typed."""

from dataclasses import dataclass, field
from typing import TypeVar
from uuid import UUID

from asgiref.sync import async_to_sync
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_POST, require_safe
from pydantic import ValidationError

from conversations import access
from conversations.accounts import devices, sessions
from conversations.attachments import room
from conversations.audit import address_of
from conversations.chat import everything, preferences, prompts
from conversations.chat.wording import sentence_for
from conversations.db import in_transaction
from conversations.errors import Invalid, NotFound, Refusal
from conversations.models import Preferences, SavedPrompt
from conversations.models.preferences import LANGUAGES
from conversations.runs import retention
from conversations.runs.stop import stop_all_of
from conversations.web.visitor import user_of

# What the forms of the page may say; the rest of the preferences is chosen elsewhere.
CHOOSABLE = ("system_prompt", "time_zone", "language")
PARTS = ("instructions", "language", "prompts", "everything", "devices")
NEW = "new"

Row = TypeVar("Row", Preferences, SavedPrompt)


@require_safe
@login_required
def page(request: HttpRequest) -> HttpResponse:
    return _shown(request, Failed())


@require_POST
@login_required
def choose(request: HttpRequest) -> HttpResponse:
    """`part` is the form that was sent: it says that its choice was kept."""
    typed = _typed(request, CHOOSABLE)
    try:
        wishes = preferences.Wishes.model_validate(typed)
        in_transaction(preferences.change, user_of(request), wishes)
    except (ValidationError, Refusal) as problem:
        return _again(request, request.POST.get("part", ""), typed, problem)
    return _to(request.POST.get("part", ""))


@require_POST
@login_required
def save_prompt(request: HttpRequest) -> HttpResponse:
    typed = _typed(request, ("name", "text"))
    try:
        in_transaction(prompts.save, user_of(request), prompts.New.model_validate(typed))
    except (ValidationError, Refusal) as problem:
        return _again(request, NEW, typed, problem)
    return _to("prompts")


@require_POST
@login_required
def change_prompt(request: HttpRequest, prompt: UUID) -> HttpResponse:
    """Its own form: kept as it stands there, or deleted."""
    typed = _typed(request, ("name", "text"))
    try:
        if "delete" in request.POST:
            in_transaction(prompts.delete, user_of(request), prompt)
        else:
            changes = prompts.Changes.model_validate(typed)
            in_transaction(prompts.change, user_of(request), prompt, changes)
    except NotFound as absent:
        raise Http404(str(absent)) from None
    except (ValidationError, Refusal) as problem:
        return _again(request, str(prompt), typed, problem)
    return _to("prompts")


@require_POST
@login_required
def delete_everything(request: HttpRequest) -> HttpResponse:
    """Answers under way are stopped first, so that what they cost is on the ledger."""
    user = user_of(request)
    try:
        everything.confirmed(user, request.POST.get("confirm", ""))
        async_to_sync(stop_all_of)(user)
        in_transaction(everything.delete, user, address=address_of(request))
    except Refusal as problem:
        return _again(request, "everything", {}, problem)
    return _to("everything")


@require_POST
@login_required
def sign_out_others(request: HttpRequest) -> HttpResponse:
    in_transaction(sessions.end_others, request, user_of(request))
    return _to("devices")


def _typed(request: HttpRequest, names: tuple[str, ...]) -> dict[str, str]:
    """Browsers send a line's end as two characters and count it as one."""
    sent = {name: request.POST[name] for name in names if name in request.POST}
    return {name: value.replace("\r\n", "\n") for name, value in sent.items()}


def _to(part: str) -> HttpResponse:
    known = part if part in PARTS else ""
    return redirect(f"{reverse('settings')}?kept={known}#{known}")


@dataclass(frozen=True, slots=True)
class Failed:
    """What was sent and could not be kept: in which form, what stood there, and why."""

    form: str = ""
    typed: dict[str, str] = field(default_factory=dict)
    wrong: str = ""


def _again(
    request: HttpRequest, form: str, typed: dict[str, str], problem: ValidationError | Refusal
) -> HttpResponse:
    """The page with what was typed in `form`, and why it could not be kept."""
    if isinstance(problem, Refusal):
        return _shown(request, Failed(form, typed, str(problem)), status=problem.http)
    errors = problem.errors(include_url=False, include_input=False)
    wrong = " ".join(str(sentence_for(dict(error))) for error in errors)
    return _shown(request, Failed(form, typed, wrong), status=Invalid.http)


def _shown(request: HttpRequest, failed: Failed, *, status: int = 200) -> HttpResponse:
    user = user_of(request)
    chosen = access.preferences_for(user)
    mine = [prompt for prompt in access.prompts_for(user) if prompt.owner_id]
    context = {
        "chosen": _with(failed, failed.form if failed.form in PARTS else "", chosen),
        "prompts": [_with(failed, str(prompt.pk), prompt) for prompt in mine],
        "new": _with(failed, NEW, SavedPrompt(owner=user)),
        "places": preferences.places(),
        "languages": LANGUAGES,
        "room": room.room_of(user),
        "devices": [(one, devices.in_words(one.user_agent)) for one in sessions.of(user)],
        "kept_for": retention.rule_for(user),
        "notices": access.notices_for(user),
        "kept": request.GET.get("kept", ""),
        "failed": failed,
    }
    return render(request, "settings/index.html", context, status=status)


def _with(failed: Failed, form: str, row: Row) -> Row:
    """A row as it stands in its form: what was typed there is not lost. It is not saved."""
    for name, value in failed.typed.items() if form and form == failed.form else ():
        setattr(row, name, value)
    return row
