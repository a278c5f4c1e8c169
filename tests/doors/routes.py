"""Every door there is: Django's resolver to its leaves, ninja's calls, the socket's commands."""

import re
from collections.abc import Iterator

from django.apps import apps
from django.db.models import Model
from django.urls import URLPattern, URLResolver, get_resolver

from conversations.api import v1
from conversations.live.commands import COMMANDS


def routes() -> dict[str, str]:
    """Each URL pattern as it is written, with its full name."""
    return dict(_below(get_resolver(), "", ""))


def _below(resolver: URLResolver, prefix: str, namespace: str) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        route = prefix + _plain(str(entry.pattern))
        if isinstance(entry, URLResolver):
            inner = f"{namespace}{entry.namespace}:" if entry.namespace else namespace
            yield from _below(entry, route, inner)
        elif isinstance(entry, URLPattern):
            yield "/" + route, f"{namespace}{entry.name or ''}"


def _plain(pattern: str) -> str:
    """A regular expression's anchors are not part of the address."""
    return re.sub(r"^\^|\$$|\\Z$", "", pattern)


def operations() -> set[tuple[str, str]]:
    """(method, route) of every call of the JSON API, named as the resolver names them."""
    found: set[tuple[str, str]] = set()
    for prefix, router in v1._routers:
        for path, view in router.path_operations.items():
            route = "/api/v1" + re.sub(r"{([^}]+)}", r"<\1>", prefix + path)
            for operation in view.operations:
                found.update((method, route) for method in operation.methods)
    return found


def frame_types() -> set[str]:
    """The `type` of every command of the socket."""
    return set(COMMANDS)


def admin_kind(name: str) -> str:
    """What kind of admin page a route is: `changelist`, `add` … of any table, or its own name."""
    model = admin_model(name)
    if model is not None:
        return name.removeprefix(f"admin:{model._meta.app_label}_{model._meta.model_name}_")
    return name.removeprefix("admin:") or "rest"


def admin_model(name: str) -> type[Model] | None:
    """The table that an admin route belongs to."""
    for model in apps.get_models():
        if name.startswith(f"admin:{model._meta.app_label}_{model._meta.model_name}_"):
            return model
    return None
