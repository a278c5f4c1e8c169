"""The emergency stop of the site: a page of the desk, from which it is ended, too."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from conversations import site
from conversations.admin.asking import SAY_WHY, reason_in
from conversations.admin.columns import moment
from conversations.admin.site import MAY_STOP, desk
from conversations.admin.table import reader, record
from conversations.models import SiteSettings
from conversations.models.site import THE_ROW
from conversations.runs import halt

TITLE = _("Emergency stop")
GOES_ON = _("The site answers again.")
WAS_NOT = _("The site was not stopped.")
LONGEST = SiteSettings._meta.get_field("stopped_because").max_length


@require_http_methods(["GET", "HEAD", "POST"])
def page(request: HttpRequest) -> HttpResponse:
    if not reader(request).has_perm(MAY_STOP):
        raise PermissionDenied
    if request.method != "POST":
        return _shown(request)
    if "go_on" in request.POST:
        return _goes_on(request)
    reason = reason_in(request)[:LONGEST]
    return _stopped(request, reason) if reason else _shown(request, wrong=str(SAY_WHY))


@transaction.atomic
def _stopped(request: HttpRequest, reason: str) -> HttpResponse:
    """`public`: people read the reason, too."""
    count = halt.the_site(reason if "public" in request.POST else "")
    record(request, "site.stop", SiteSettings(pk=THE_ROW), reason=reason, answers=count)
    told = ngettext(
        "The site is stopped. {count} answer was cut short.",
        "The site is stopped. {count} answers were cut short.",
        count,
    )
    messages.warning(request, told.format(count=count))
    return redirect("admin:stop")


@transaction.atomic
def _goes_on(request: HttpRequest) -> HttpResponse:
    if halt.go_on():
        record(request, "site.go_on", SiteSettings(pk=THE_ROW), reason=reason_in(request))
        messages.success(request, GOES_ON)
    else:
        messages.info(request, WAS_NOT)
    return redirect("admin:stop")


def _shown(request: HttpRequest, wrong: str = "") -> HttpResponse:
    row = site.now().row
    context = {
        **desk.each_context(request),
        "title": TITLE,
        "since": moment(row.stopped_at) if row.stopped_at else "",
        "because": row.stopped_because,
        "under_way": halt.under_way(),
        "longest": LONGEST,
        "wrong": wrong,
    }
    return TemplateResponse(request, "admin/stop.html", context)


desk.page("stop/", page, "stop")
