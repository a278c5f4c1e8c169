"""The pages around signing in that are ours: what an invitation's link opens, and the sign-up."""

from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.views import SignupView
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from conversations.accounts import invitations
from conversations.accounts.adapter import SESSION_TOKEN, InvitationUsed, TooLate


@never_cache
@require_safe
def invitation(request: HttpRequest, token: str) -> HttpResponse:
    """Keep the link's token in the session and go on to the sign-up form."""
    if invitations.usable(token) is None:
        return _void(request)
    request.session[SESSION_TOKEN] = token
    return redirect("account_signup")


def _void(request: HttpRequest) -> HttpResponse:
    return render(request, "account/invitation_void.html", status=404)


class SignUp(SignupView):  # type: ignore[misc]
    """allauth's, which would break where two people want the same thing in the same moment."""

    def get_initial(self) -> dict[str, Any]:
        """Whoever was invited by mail has said where mail reaches them."""
        return {"email": get_adapter().invited_as(self.request), **super().get_initial()}

    def form_valid(self, form: Any) -> HttpResponse:
        try:
            answer: HttpResponse = super().form_valid(form)
        except TooLate as problem:
            form.add_error(None, problem)
            answer = self.form_invalid(form)
        except InvitationUsed:
            answer = _void(self.request)
        return answer
