"""Every address of the site."""

from typing import Any

from django.urls import include, path

from chatsite.oidc import INSTALLED
from conversations.admin.site import desk
from conversations.api import v1
from conversations.web import account, health, metrics


def _oidc() -> list[Any]:
    """The names are django-allauth's; the views are ours."""
    if not INSTALLED:
        return []
    from conversations.web import oidc

    return [
        path("accounts/oidc/", oidc.begin, name="openid_connect_login"),
        path("accounts/oidc/back/", oidc.back, name="openid_connect_callback"),
    ]


urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accounts/invitation/<str:token>/", account.invitation, name="invitation"),
    path("accounts/signup/", account.SignUp.as_view(), name="account_signup"),
    *_oidc(),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", desk.urls),
    path("api/v1/", v1.urls),
    path("", include("conversations.web.urls")),
]
handler404 = "conversations.web.errors.not_found"
handler429 = "conversations.web.errors.too_many"  # django-allauth asks for it
handler500 = "conversations.web.errors.server_error"
