"""How django-allauth behaves here: who may sign up, what a name may be, where its links lead."""

from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import HttpRequest
from django.urls import reverse

from conversations.accounts import invitations
from conversations.models import User
from conversations.text import clean

# The token waits in the session between the invitation's link and the sign-up form.
SESSION_TOKEN = "invitation"  # noqa: S105 a key, not a password


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return settings.SIGNUP == "open" or self._invitation(request) is not None

    def _invitation(self, request: HttpRequest) -> Any:
        token = request.session.get(SESSION_TOKEN)
        invitation = invitations.usable(token) if token else None
        closed = settings.SIGNUP == "closed" and not (invitation and invitation.is_setup)
        return None if closed else invitation

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Sign-up and the use of the invitation are one fact."""
        with transaction.atomic():
            saved: User = super().save_user(request, user, form, commit)
            token = request.session.pop(SESSION_TOKEN, None)
            accepted = bool(token) and invitations.accept(token, saved)
            if not accepted and settings.SIGNUP != "open":
                raise ValidationError("This invitation was used already or has run out.")
        return saved

    def clean_username(self, username: str, shallow: bool = False) -> str:
        name: str = super().clean_username(clean(username), shallow)
        taken = User.objects.filter(username__iexact=name).exists()
        if taken and not shallow:
            raise ValidationError("This user name is taken.")
        return name

    # Links in mails follow the public address, never a header of the request that asked for them.
    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return str(settings.PUBLIC_URL + path.replace("UID-KEY", key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return str(settings.PUBLIC_URL + path)
