"""What each group may do here, in words."""

from django.contrib.auth.models import Group
from django.core.exceptions import PermissionDenied
from django.db.models import Count, Q
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from conversations.accounts import roles
from conversations.admin.site import desk
from conversations.admin.table import reader

MAY = "auth.view_group"
TITLE = _("What each group may do")


@require_safe
def page(request: HttpRequest) -> HttpResponse:
    if not reader(request).has_perm(MAY):
        raise PermissionDenied
    staff = Count("user", filter=Q(user__is_staff=True, user__is_active=True))
    groups = Group.objects.annotate(people=Count("user"), staff=staff).order_by("name")
    told = [(group, roles.in_words(group)) for group in groups]
    context = {**desk.each_context(request), "title": TITLE, "groups": told}
    return TemplateResponse(request, "admin/roles.html", context)


desk.page("roles/", page, "roles")
