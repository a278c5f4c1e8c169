"""What an OpenID provider says about somebody, believed when all of it holds.

django-allauth speaks the protocol. It takes an ID token that came by TLS without looking at its signature,
and knows no nonce; here both are looked at, and that everything is of the provider that was configured.
"""

import hashlib
from typing import Any
from urllib.parse import urlsplit

import jwt
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse
from django.utils.crypto import constant_time_compare, salted_hmac

from conversations.models.accounts import plain_email
from conversations.text import clean

# Never "none", nor one whose key both sides share: the client's secret is no key of tokens.
ALGORITHMS = ["RS256", "RS384", "RS512", "PS256", "PS384", "PS512", "ES256", "ES384", "EdDSA"]
LEEWAY = 60  # seconds that clocks may differ by
USERINFO = "userinfo_endpoint"  # not every provider has one
ENDPOINTS = ("authorization_endpoint", "token_endpoint", "jwks_uri", USERINFO)
# What is kept of what is said; with it the claim that names groups.
KEPT = ("preferred_username", "name", "given_name", "family_name")


class Teller(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    @property
    def openid_config(self) -> Any:
        config = super().openid_config
        issuer = self.get_provider().app.settings["server_url"]
        if not isinstance(config, dict) or _bare(config.get("issuer")) != _bare(issuer):
            raise OAuth2Error("It says that it is another issuer")
        scheme = urlsplit(issuer).scheme
        ends = [end for end in ENDPOINTS if end in config or end != USERINFO]
        if any(urlsplit(str(config.get(end))).scheme != scheme for end in ends):
            raise OAuth2Error("An endpoint is not there, or has another scheme than the issuer")
        return config

    def get_callback_url(self, request: HttpRequest, app: Any) -> str:
        """At the public address, whatever a header of the request says."""
        return str(settings.PUBLIC_URL + reverse("openid_connect_callback"))

    def complete_login(self, request: HttpRequest, app: Any, token: Any, **kwargs: Any) -> Any:
        try:
            said = self._verified(app, str(kwargs["response"]["id_token"]))
            told = self._told(token.token, said["sub"])
        except (jwt.PyJWTError, KeyError, TypeError, ValueError) as problem:
            raise OAuth2Error(f"Not believed: {type(problem).__name__}") from problem
        claims = _kept({**said, **told})
        return self.get_provider().sociallogin_from_response(request, {"id_token": claims})

    def _verified(self, app: Any, token: str) -> dict[str, Any]:
        said: dict[str, Any] = jwt.decode(
            token,
            self._key(jwt.get_unverified_header(token)),
            algorithms=ALGORITHMS,
            audience=app.client_id,
            issuer=self.openid_config["issuer"],
            leeway=LEEWAY,
            options={"require": ["exp", "iat", "aud", "iss", "sub"]},
        )
        if said.get("azp", app.client_id) != app.client_id:
            raise OAuth2Error("The token was made for somebody else")
        if not constant_time_compare(str(said.get("nonce")), nonce_of(self.request.GET["state"])):
            raise OAuth2Error("The token is of another sign-in")
        return said

    def _key(self, header: dict[str, Any]) -> jwt.PyJWK:
        """Asked for each time: a provider that changes its keys is not locked out."""
        with get_adapter().get_requests_session() as session:
            answer = session.get(self.openid_config["jwks_uri"])
            answer.raise_for_status()
        keys = jwt.PyJWKSet.from_dict(answer.json()).keys
        wanted = [key for key in keys if header.get("kid") in (None, key.key_id)]
        if len(wanted) != 1:
            raise OAuth2Error("No key of the provider is that of the token")
        return wanted[0]

    def _told(self, access: str, subject: str) -> dict[str, Any]:
        """More about the same person, from those that say it there alone."""
        if USERINFO not in self.openid_config:
            return {}
        told = dict(self._fetch_user_info(access))
        if told.get("sub") != subject:
            raise OAuth2Error("Two people are spoken of")
        return told


def nonce_of(state: str) -> str:
    """The state is random and this browser's own; so is what is made of it."""
    return salted_hmac("openid connect: nonce", state, algorithm="sha256").hexdigest()


def _bare(issuer: Any) -> str:
    return str(issuer or "").removesuffix("/")


def _kept(claims: dict[str, Any]) -> dict[str, Any]:
    """No more than is used. `email_verified` counts when it is true, and not when it is "false"."""
    issuer, subject = str(claims["iss"]), str(claims["sub"])
    named = {name: clean(str(claims[name]))[:150] for name in KEPT if claims.get(name)}
    return {
        **named,
        # The same subject of another issuer is somebody else.
        "uid": hashlib.sha256(f"{_bare(issuer)}\n{subject}".encode()).hexdigest(),
        "email": plain_email(clean(str(claims.get("email") or "")))[:254],
        "email_verified": claims.get("email_verified") is True,
        "groups": _words(claims.get(settings.OIDC_GROUPS_CLAIM)),
    }


def _words(said: Any) -> list[str]:
    many = said if isinstance(said, list) else [said]
    return [word for word in many if isinstance(word, str)]
