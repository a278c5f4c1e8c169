"""What templates are given: for every page, and for the chat."""

from collections.abc import Iterable
from functools import partial

from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import get_language

from chatsite.languages.catalogue import for_scripts
from chatsite.static_storage import import_map
from conversations import access
from conversations.attachments import accept, ocr
from conversations.attachments.boxes import takes_heic
from conversations.attachments.text_files import MAX_BYTES
from conversations.chat.questions import FILES, IMAGES, TEXT_BYTES
from conversations.models import Conversation, Run, User
from conversations.models.conversation import LIVE
from conversations.provider.catalogue import name_of
from conversations.reading import branch, shelf, summaries
from conversations.reading.objects import (
    Object,
    conversation_object,
    folder_object,
    message_object,
    run_object,
)
from conversations.reading.person import preferences_object
from conversations.runs import halt, retention
from conversations.site import now as site_now
from conversations.usage import budgets
from conversations.web import banner, picker

MESSAGES_AT_FIRST = 50
# What staff did last; the settings have it all.
NOTICES_AT_FIRST = 1
CONVERSATIONS_AT_FIRST = 50


def site(request: HttpRequest) -> dict[str, object]:
    """For every page. Callables are only called by the pages that use them."""
    return {
        "oidc_name": settings.OIDC_NAME,
        "site_name": lambda: site_now().name,
        "site_signup": lambda: site_now().signup,
        "site_banner": partial(banner.shown_to, request),
        "import_map": import_map,
        "catalogue": catalogue,
        "sharing": lambda: site_now().sharing,
        "site_stopped": halt.refusal_now,
        "takes_addresses": lambda: site_now().image_urls != "off",
    }


def catalogue() -> dict[str, str | list[str]]:
    """What the scripts say, where the page is in another language than English."""
    return for_scripts(get_language() or settings.LANGUAGE_CODE)


def chat_page(user: User, conversation: Conversation | None = None) -> dict[str, object]:
    """The chat: what the server renders, and in `page` the same for the scripts."""
    kept = shelf.first(user, CONVERSATIONS_AT_FIRST)
    chosen = access.preferences_for(user)
    models = picker.offer(user, conversation, chosen.model)
    return {
        "page": {
            "user": {"id": str(user.pk), "name": user.get_username()},
            **_shown(conversation, models.models),
            **_listed(user, kept),
            "models": models.models,
            "model": models.chosen.id if models.chosen else "",
            "preferences": preferences_object(chosen),
            "limits": _limits(),
        },
        "groups": shelf.groups(kept, chosen.zone),
        "model": models.chosen,
        "model_groups": models.groups,
        "gone": models.gone,
        "reads_pictures": ocr.available(),
        "goes_on": retention.goes_on(conversation) if conversation else None,
        "budgets_exist": budgets.exist(),
        "must_be_told": user.told_of_review_at is None,
        "notices": access.notices_for(user)[:NOTICES_AT_FIRST],
    }


def _shown(conversation: Conversation | None, offered: Iterable[Object]) -> Object:
    messages, earlier = _branch(conversation)
    return {
        "conversation": conversation_object(conversation) if conversation else None,
        "messages": messages,
        "next": earlier,
        "runs": [run_object(run) for run in _active_runs(conversation)],
        "names": _names(messages, offered),
    }


def _listed(user: User, kept: shelf.Shelf) -> Object:
    return {
        "listing": [conversation_object(one) for one in kept.conversations],
        "listing_next": kept.next,
        "folders": [folder_object(one) for one in kept.folders],
        "answering": [str(run.conversation_id) for run in access.live_runs_for(user)],
    }


def _limits() -> Object:
    """What the scripts refuse before it is sent; the server refuses it all the same."""
    return {
        "text_bytes": TEXT_BYTES,
        "images": IMAGES,
        "image_bytes": accept.MAX_BYTES,
        "heic": takes_heic(),
        "files": FILES,
        "file_bytes": MAX_BYTES,
    }


def _branch(conversation: Conversation | None) -> tuple[list[Object], str | None]:
    if conversation is None:
        return [], None
    messages, earlier = branch.page(conversation, limit=MESSAGES_AT_FIRST)
    summaries.give(messages)
    return [message_object(message) for message in messages], earlier


def _names(messages: Iterable[Object], offered: Iterable[Object]) -> dict[str, str]:
    """Of the models that can be chosen, and of those that are seen here."""
    seen = {message[who] for message in messages for who in ("model", "instead_of")}
    names = {id: name_of(id) for id in seen if id}
    return names | {model["id"]: model["name"] for model in offered}


def _active_runs(conversation: Conversation | None) -> Iterable[Run]:
    return conversation.runs.filter(status__in=LIVE) if conversation else []
