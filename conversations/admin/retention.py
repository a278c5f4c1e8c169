"""Rules for keeping, with what each of them would delete now."""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _

from conversations import oversight
from conversations.admin.columns import moment, number
from conversations.admin.site import desk
from conversations.admin.table import OnRecord, reader
from conversations.models import RetentionRule
from conversations.runs import retention


@admin.register(RetentionRule, site=desk)
class RulesForKeeping(OnRecord):
    person = None
    change_list_template = "admin/retention.html"
    nothing = _("There is no rule. Everything is kept until its owner deletes it.")
    valued = ("group", "what", "days", "keeps_pinned")
    list_display = ("what", "whose", "days", "keeps_pinned")
    list_filter = ("what",)
    fields = ("group", "what", "days", "keeps_pinned")
    ids = ()
    ordering = ("what", "group__name")
    list_select_related = ("group",)

    @admin.display(description=_("group"), ordering="group__name")
    def whose(self, rule: RetentionRule) -> str:
        return rule.group.name if rule.group else str(_("everybody else"))

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Numbers of the whole site are not for who looks after some people."""
        may_see = self.has_view_or_change_permission(request)
        may_see = may_see and not oversight.is_limited(reader(request))
        found = [_told(one) for one in retention.forecast()] if may_see else []
        rests = retention.rests_until() if may_see else None
        more = {"forecast": found, "rests_until": moment(rests) if rests else ""}
        return super().changelist_view(request, {**(extra_context or {}), **more})


def _told(one: retention.Forecast) -> dict[str, Any]:
    return {
        "what": one.rule.get_what_display(),
        "whose": one.rule.group.name if one.rule.group else _("everybody else"),
        "days": number(one.rule.days),
        "count": number(one.count),
        "people": number(one.people),
        "oldest": one.oldest,
    }
