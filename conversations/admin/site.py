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
from conversations.admin.alerts import alerts
from conversations.admin.asked import asked
from conversations.admin.budget_bar import bar
from conversations.admin.choosing import Choosing
from conversations.admin.returning import on_this_site
from conversations.admin.script_words import ScriptWords
from conversations.admin.sections import sections
from conversations.admin.table import reader
from conversations.review import analytics, queue
from conversations.usage import overview

PEOPLE = "conversations.view_user"
BUDGETS = "conversations.view_budget"
QUEUE = "conversations.view_case"
SET_UP_FIRST = _(
    "This site asks staff for a second factor: the administration opens once you have set one up."
)
SHOW_IT = _(
    "This site asks staff for a second factor: give its code, and the administration opens."
)
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
            has_one = second_factor.has_one(request.user)
            messages.warning(request, SHOW_IT if has_one else SET_UP_FIRST)
            return redirect(second_factor.way_to_it(request, _wanted(request)))
        response: HttpResponse = secure_admin_login(super().login)(request, extra_context)
        return response

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        return redirect("account_change_password")

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Filters put what the address says into queries as it is; Postgres has no word for NUL."""
        return super().admin_view(_without_nul(view), cacheable)

    def i18n_javascript(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        return cast("HttpResponse", ScriptWords.as_view()(request))

    def autocomplete_view(self, request: HttpRequest) -> HttpResponse:
        return cast("HttpResponse", Choosing.as_view(admin_site=self)(request))

    def index(
        self, request: HttpRequest, extra_context: dict[str, Any] | None = None
    ) -> TemplateResponse:
        numbers = dashboard.context(asked(request)) if request.user.has_perms(DAY) else {}
        sees_all = not oversight.is_limited(reader(request))
        present = analytics.now() if numbers and sees_all else None
        little = _little_left() if sees_all and request.user.has_perm(BUDGETS) else ()
        known = {"moment": present, "alerts": alerts(reader(request)), "waiting": _waiting(request)}
        about = {"person_page": _page_of_person(request)}
        more = {"budgets_warned": little, **about, **(extra_context or {})}
        return super().index(request, {**numbers, **known, **more})

    def app_index(self, request: HttpRequest, app_label: str, extra_context: Any = None) -> Any:
        """Which lists belong to one app is nothing that people ask for: all of them are on the first page."""
        return redirect("admin:index")

    def get_app_list(self, request: HttpRequest, app_label: str | None = None) -> list[Any]:
        """All of them under headings."""
        return [*sections(super().get_app_list(request, app_label))]


def _wanted(request: HttpRequest) -> str:
    """The page of the desk that was asked for."""
    return on_this_site(request.GET.get("next", ""), reverse("admin:index"))


def _waiting(request: HttpRequest) -> queue.Waiting | None:
    """How many cases wait for who looks at this page; None: it is not for them."""
    person = reader(request)
    return queue.how_many_wait(person) if person.has_perm(QUEUE) else None


def _page_of_person(request: HttpRequest) -> str:
    """Of whom the numbers are narrowed to: what is done about somebody is done there."""
    person = asked(request).scope.person
    if person is None or not request.user.has_perm(PEOPLE):
        return ""
    return reverse("admin:conversations_user_change", args=[person])


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
