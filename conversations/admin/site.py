"""The desk: Django's admin site under our name, with the numbers of the site on its first page."""

from collections.abc import Callable
from typing import Any, cast

from allauth.account.decorators import secure_admin_login
from django.contrib import messages
from django.contrib.admin import AdminSite
from django.core.exceptions import BadRequest
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path, reverse
from django.utils.safestring import SafeString
from django.utils.translation import gettext_lazy as _

from conversations import oversight, site
from conversations.accounts import second_factor
from conversations.admin import dashboard
from conversations.admin.asked import asked
from conversations.admin.budget_bar import bar
from conversations.admin.choosing import Choosing
from conversations.admin.columns import moment
from conversations.admin.returning import on_this_site
from conversations.admin.sections import sections
from conversations.admin.table import reader
from conversations.models import Circuit, User
from conversations.review import analytics, queue
from conversations.usage import overview

PROVIDERS = "conversations.view_provider"
BUDGETS = "conversations.view_budget"
QUEUE = "conversations.view_case"
SET_UP_FIRST = _("These pages are opened with a second factor.")
MAY_STOP = "conversations.change_sitesettings"
DAY = ("conversations.view_run", "conversations.view_providercall", "conversations.view_message")


class Desk(AdminSite):
    index_title = _("Administration")
    index_template = "admin/desk.html"

    def __init__(self) -> None:
        super().__init__()
        self._pages: list[tuple[str, Callable[..., HttpResponse], str]] = []

    def page(self, route: str, view: Callable[..., HttpResponse], name: str) -> None:
        """A page of the desk that belongs to no table. It looks itself at who may do what it does."""
        self._pages.append((route, view, name))

    def get_urls(self) -> list[Any]:
        pages = [path(route, self.admin_view(view), name=name) for route, view, name in self._pages]
        return [*pages, *super().get_urls()]

    def each_context(self, request: HttpRequest) -> dict[str, Any]:
        now = site.now()
        return {
            **super().each_context(request),
            "site_title": now.name,
            "site_header": now.name,
            "site_stopped_at": now.stopped_at,
            "may_stop": request.user.has_perm(MAY_STOP),
        }

    def has_permission(self, request: HttpRequest) -> bool:
        """Asked by every page of the desk. Who has no second factor where one is needed is not staff yet."""
        return super().has_permission(request) and not second_factor.is_missing(request)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Only the site's own sign-in asks for passwords: its rate limits hold here too."""
        if super().has_permission(request) and second_factor.is_missing(request):
            messages.warning(request, SET_UP_FIRST)
            return redirect(second_factor.way_to_it(request, _wanted(request)))
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Filters put what the address says into queries as it is; Postgres has no word for NUL."""
        return super().admin_view(_without_nul(view), cacheable)

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast("HttpResponse", Choosing.as_view(admin_site=self)(request))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        numbers = dashboard.context(asked(request)) if request.user.has_perms(DAY) else {}
        sees_all = not oversight.is_limited(reader(request))
        present = analytics.now() if numbers and sees_all else None
        refused = _refused() if request.user.has_perm(PROVIDERS) else ()
        little = _little_left() if sees_all and request.user.has_perm(BUDGETS) else ()
        known = {"moment": present, "refused": refused, "waiting": _waiting(request)}
        more = {"budgets_warned": little, **(extra_context or {})}
        return super().index(request, {**numbers, **known, **more})

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """All of them under headings; of one app, as Django has it."""
        apps: list[Any] = super().get_app_list(request, app_label)
        return apps if app_label else [*sections(apps)]


def _wanted(request: HttpRequest) -> str:
    """The page of the desk that was asked for."""
    return on_this_site(request.GET.get("next", ""), reverse("admin:index"))


def _waiting(request: HttpRequest) -> queue.Waiting | None:
    """How many cases wait for who looks at this page; None: it is not for them."""
    person = cast("User", request.user)
    return queue.how_many_wait(person) if person.has_perm(QUEUE) else None


def _refused() -> list[tuple[str, str]]:
    """The providers that do not take our key, and since when."""
    rows = Circuit.objects.filter(key_refused_at__isnull=False, provider__is_enabled=True)
    rows = rows.order_by("key_refused_at").select_related("provider")
    return [(row.provider.name, moment(row.key_refused_at)) for row in rows]


def _little_left() -> list[tuple[str, SafeString]]:
    """The budgets that many share, and how much of each is gone."""
    return [(standing.name, bar(standing)) for standing in overview.warned()]


def _without_nul(view: Callable[..., Any]) -> Callable[..., Any]:
    def answer(request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        if "%00" in request.META.get("QUERY_STRING", "") or "\0" in request.path:
            raise BadRequest(_("An address cannot hold the character NUL."))
        return view(request, *args, **kwargs)

    # What Django has noted on the view (csrf_exempt, no login needed) stays noted.
    answer.__dict__.update(getattr(view, "__dict__", {}))
    return answer


desk = Desk()
