"""Every address of the site."""

from django.urls import include, path

from conversations.admin.site import desk
from conversations.api import v1
from conversations.web import account, health, metrics

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("accounts/invitation/<str:token>/", account.invitation, name="invitation"),
    path("accounts/signup/", account.SignUp.as_view(), name="account_signup"),
    path("accounts/second-factor/", include("allauth.mfa.urls")),
    path("accounts/", include("allauth.account.urls")),
    path("admin/", desk.urls),
    path("api/v1/", v1.urls),
    path("", include("conversations.web.urls")),
]
handler404 = "conversations.web.errors.not_found"
handler500 = "conversations.web.errors.server_error"
