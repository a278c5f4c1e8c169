"""How far an export of the desk is, for the page that waits for it; and its end before its time."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.views.decorators.http import require_POST, require_safe

from conversations.admin.site import desk
from conversations.admin.table import reader
from conversations.exports import under_way
from conversations.exports.kinds import KINDS


@require_safe
def state(request: HttpRequest, id: UUID) -> JsonResponse:
    """Of one's own, until an hour after its end."""
    _look(request)
    told = under_way.told(reader(request).pk, id)
    if told is None:
        raise Http404
    return JsonResponse(told, headers={"Cache-Control": "no-store"})


@require_POST
def stop(request: HttpRequest, id: UUID) -> HttpResponse:
    """One's own; another's is out of reach."""
    _look(request)
    if not under_way.stop(reader(request).pk, id):
        raise Http404
    return HttpResponse(status=204)


def _look(request: HttpRequest) -> None:
    if not any(kind.may(reader(request)) for kind in KINDS.values()):
        raise PermissionDenied


desk.page("exports/<uuid:id>/", state, "export_state")
desk.page("exports/<uuid:id>/stop/", stop, "export_stop")
