"""The pages around signing in that are ours: what an invitation's link opens."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations.accounts import invitations
from conversations.accounts.adapter import SESSION_TOKEN


@never_cache
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the link's token in the session and go on to the sign-up form."""
    if invitations.usable(token) is None:
        return render(request, "account/invitation_void.html", status=404)
    request.session[SESSION_TOKEN] = token
    return redirect("account_signup")
