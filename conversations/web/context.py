"""What templates are given: for every page, and for the chat."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.http import HttpRequest

from chatsite.static_storage import import_map
from conversations.models import LIVE, Conversation, Message, Run, User
from conversations.provider.catalogue import models_for
from conversations.reading import branch, listing
from conversations.reading.objects import conversation_object, message_object, run_object

MESSAGES_AT_FIRST = 50
CONVERSATIONS_AT_FIRST = 50
STARTERS = [
    ("pen-line", "Help me write", "Write a short, friendly letter to my landlord about a boiler that does not heat."),
    ("lightbulb", "Explain something", "Explain to me how a bicycle stays upright, as you would to a curious child."),
    ("list-checks", "Make a plan", "Plan a week of simple dinners for two, with a shopping list."),
]


def site(request: HttpRequest) -> dict[str, object]:
    """For every page. Callables are only called by the pages that use them."""
    return {"site_name": "Chatsite", "import_map": import_map}


def chat_page(user: User, conversation: Conversation | None = None) -> dict[str, object]:
    """The chat: what the server renders, and in `page` the same for the scripts."""
    messages, earlier = _branch(conversation)
    recent = [conversation_object(one) for one in listing.recent(user, CONVERSATIONS_AT_FIRST)]
    models = [_model(one) for one in models_for(user)]
    chosen = _chosen_model(models, conversation)
    page = {
        "user": {"id": str(user.pk), "name": user.get_username()},
        "conversation": conversation_object(conversation) if conversation else None,
        "messages": messages,
        "next": earlier,
        "runs": [run_object(run) for run in _active_runs(conversation)],
        "listing": recent,
        "models": models,
        "model": chosen["id"] if chosen else None,
        "limits": {},
    }
    return {
        "page": page,
        "model": chosen,
        "starters": [{"icon": i, "name": n, "text": t} for i, n, t in STARTERS],
        "must_be_told": user.told_of_review_at is None,
        "maybe_more": len(recent) == CONVERSATIONS_AT_FIRST,
    }


def _branch(conversation: Conversation | None) -> tuple[list[dict[str, Any]], str | None]:
    if conversation is None:
        return [], None
    found: tuple[Iterable[Message], str | None] = branch.page(conversation, limit=MESSAGES_AT_FIRST)
    return [message_object(message) for message in found[0]], found[1]


def _active_runs(conversation: Conversation | None) -> Iterable[Run]:
    return conversation.runs.filter(status__in=LIVE) if conversation else []


def _model(one: Any) -> dict[str, Any]:
    return {"id": one.id, "name": one.name, "vision": one.vision, "builtin": one.builtin}


def _chosen_model(
    models: list[dict[str, Any]], conversation: Conversation | None
) -> dict[str, Any] | None:
    """The conversation's own, else the site's, else the first."""
    by_id = {model["id"]: model for model in models}
    for wanted in (conversation.model if conversation else "", settings.DEFAULT_MODEL):
        if wanted in by_id:
            return by_id[wanted]
    return models[0] if models else None
