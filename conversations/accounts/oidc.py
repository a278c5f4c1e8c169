"""Who is let in by OpenID Connect, and into which groups they are put."""

from typing import Any, NoReturn

from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import Group
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext_lazy as _

from conversations import audit, site
from conversations.accounts import invitations, names, recorded
from conversations.accounts.adapter import SESSION_TOKEN, InvitationUsed
from conversations.errors import Words
from conversations.models import User

NOT_BELIEVED = _("{name} could not tell us who you are. Try again, or sign in another way.")
NO_EMAIL = _("{name} told us no e-mail address of yours, and none is known here.")
KNOWN_EMAIL = _(
    "Somebody here has your e-mail address already, and {name} does not say that it is verified."
)
NOT_INVITED = _("You are known to {name}, but not invited here.")
TAKEN = _("Somebody with your name or e-mail came in the same moment. Try again.")
USED_UP = _(
    "This invitation was used already, or its time has run out. Ask whoever gave it to you for a new one."
)


class OidcAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def on_authentication_error(self, request: HttpRequest, provider: Any, **_: Any) -> None:
        """Whatever went wrong: what it was is nothing that a stranger is to learn."""
        recorded.refused(request, None, by="oidc")
        away(request, NOT_BELIEVED)

    def pre_social_login(self, request: HttpRequest, sociallogin: Any) -> None:
        if sociallogin.is_existing:
            put_into_groups(request, sociallogin.user, _groups(sociallogin))
            return
        email = sociallogin.account.extra_data["id_token"]["email"]
        if not self.is_open_for_signup(request, sociallogin):
            away(request, NOT_INVITED)
        if not email:
            away(request, NO_EMAIL)
        if names.is_taken("email", email, by_others_than=User()):
            away(request, KNOWN_EMAIL)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: Any) -> bool:
        """An invitation's link, opened before, lets somebody in here as well."""
        if settings.OIDC_SIGNUP == "all" or site.now().signup == "open":
            return True
        return site.now().signup == "invite" and self._invitation(request) is not None

    def _invitation(self, request: HttpRequest) -> Any:
        token = request.session.get(SESSION_TOKEN)
        found = invitations.usable(token) if token else None
        # The first administrator is made by a password; no provider makes one.
        return None if found and found.is_setup else found

    def save_user(self, request: HttpRequest, sociallogin: Any, form: Any = None) -> User:
        """The person, the use of the invitation and the groups are one fact."""
        try:
            with transaction.atomic():
                person: User = super().save_user(request, sociallogin, form)
                used = self._use_invitation(request, person)
                put_into_groups(request, person, _groups(sociallogin))
                by = {"invitation": used.pk, "group": used.group_id} if used else {}
                recorded.person(request, "person.sign_up", person, by_provider="oidc", **by)
        except IntegrityError:
            away(request, TAKEN)
        except InvitationUsed:
            away(request, USED_UP)
        return person

    def _use_invitation(self, request: HttpRequest, person: User) -> Any:
        used = None
        if self._invitation(request) is not None:
            used = invitations.accept(request.session.pop(SESSION_TOKEN), person)
        if used is None and settings.OIDC_SIGNUP != "all" and site.now().signup != "open":
            raise InvitationUsed
        return used


def away(request: HttpRequest, sentence: Words) -> NoReturn:
    """Raises what allauth turns into the page where one signs in, with a reason."""
    raise ImmediateHttpResponse(to_sign_in(request, sentence))


def to_sign_in(request: HttpRequest, sentence: Words) -> HttpResponse:
    messages.error(request, str(sentence).format(name=settings.OIDC_NAME))
    return redirect("account_login")


def _groups(sociallogin: Any) -> list[str]:
    return list(sociallogin.account.extra_data["id_token"]["groups"])


def put_into_groups(request: HttpRequest, person: User, said: list[str]) -> None:
    """At each sign-in, as the mapping of the environment says. Groups that it does not name are left alone;
    none is made, and nobody becomes staff or administrator by what a provider says."""
    mapping: dict[str, str] = settings.OIDC_GROUPS
    wanted = {mapping[word] for word in said if word in mapping}
    named = Group.objects.filter(name__in=set(mapping.values()))
    before = set(person.groups.filter(pk__in=named.values("pk")).values_list("name", flat=True))
    come = named.filter(name__in=wanted - before)
    gone = named.filter(name__in=before - wanted)
    changed: dict[str, Any] = {"come": [one.pk for one in come], "gone": [one.pk for one in gone]}
    if any(changed.values()):
        person.groups.add(*changed["come"])
        person.groups.remove(*changed["gone"])
        where = audit.address_of(request)
        audit.record(
            None, "person.groups", person, owner=person, address=where, by="oidc", **changed
        )
