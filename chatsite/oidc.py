"""Signing in by OpenID Connect, as django-allauth wants to be told of it."""

from importlib.util import find_spec
from typing import Any

# Of `make oidc`. Without them there is neither a button nor an address for it.
INSTALLED = all(find_spec(name) is not None for name in ("requests", "oauthlib", "jwt"))
PROVIDER = "oidc"


def providers(issuer: str, client_id: str, secret: str, name: str) -> dict[str, Any]:
    """One provider, the site's own. Its e-mails are believed where it says that they are verified."""
    app = {
        "provider_id": PROVIDER,
        "name": name,
        "client_id": client_id,
        "secret": secret,
        "settings": {
            "server_url": issuer,
            "uid_field": "uid",
            "oauth_pkce_enabled": True,
            "email_authentication": True,
        },
    }
    return {"openid_connect": {"APPS": [app]}} if issuer else {}
