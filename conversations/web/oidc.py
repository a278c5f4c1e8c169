"""Signing in by OpenID Connect: to the provider, and back."""

from urllib.parse import parse_qs, urlencode, urlsplit

from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe
from requests import RequestException

from chatsite.oidc import PROVIDER
from conversations.accounts import oidc
from conversations.accounts.oidc_tokens import Teller, nonce_of


def _teller(request: HttpRequest) -> Teller:
    teller = Teller(request, PROVIDER)
    try:
        teller.get_provider()
    except SocialApp.DoesNotExist:
        raise Http404 from None
    return teller


@never_cache
@require_POST
def begin(request: HttpRequest) -> HttpResponse:
    """A page that goes on by itself: our policy lets no form lead to another site, by a redirect neither."""
    provider = _teller(request).get_provider()
    provider.oauth2_adapter_class = Teller
    then = request.POST.get("next", "")
    then = then if url_has_allowed_host_and_scheme(then, allowed_hosts=None) else ""
    try:
        there = provider.redirect(request, AuthProcess.LOGIN, next_url=then or None).url
    except (RequestException, OAuth2Error):
        return _not_believed(request)
    state = parse_qs(urlsplit(there).query)["state"][0]
    there = f"{there}&{urlencode({'nonce': nonce_of(state)})}"
    return render(request, "account/oidc.html", {"there": there, "name": provider.name})


def _not_believed(request: HttpRequest) -> HttpResponse:
    return oidc.to_sign_in(request, oidc.NOT_BELIEVED)


@never_cache
@require_safe
def back(request: HttpRequest) -> HttpResponse:
    """django-allauth catches what goes wrong once it has a token, and not what does before."""
    try:
        answer: HttpResponse = OAuth2CallbackView.adapter_view(_teller(request))(request)
    except (RequestException, OAuth2Error):
        return _not_believed(request)
    return answer
