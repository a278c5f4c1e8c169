"""How django-allauth behaves here: who may sign up, what a name may be, where its links lead."""

from collections.abc import Callable
from typing import Any, ClassVar

from allauth.account.adapter import DefaultAccountAdapter
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from conversations import site
from conversations.accounts import invitations, names, recorded
from conversations.models import User
from conversations.models.accounts import plain_email
from conversations.text import clean

# The token waits in the session between the invitation's link and the sign-up form.
SESSION_TOKEN = "invitation"  # noqa: S105 a key, not a password

TAKEN_MEANWHILE = _("This user name or e-mail was taken in this moment. Choose another one.")
SPELLED: dict[str, Callable[[str], str]] = {
    "username": User.normalize_username,
    "email": plain_email,
}


class TooLate(ValidationError):
    """Between the form's checks and the row somebody else was faster. Nothing was changed."""


class InvitationUsed(Exception):
    """The same of an invitation."""


class AccountAdapter(DefaultAccountAdapter):  # type: ignore[misc]
    error_messages: ClassVar = {
        **DefaultAccountAdapter.error_messages,
        "username_taken": _("This user name is taken."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        return site.now().signup == "open" or self._invitation(request) is not None

    def invited_as(self, request: HttpRequest) -> str:
        """The address to which the invitation went that has led here, or nothing."""
        invitation = self._invitation(request)
        return str(invitation.email) if invitation else ""

    def _invitation(self, request: HttpRequest) -> Any:
        token = request.session.get(SESSION_TOKEN)
        invitation = invitations.usable(token) if token else None
        closed = site.now().signup == "closed" and not (invitation and invitation.is_setup)
        return None if closed else invitation

    def save_user(self, request: HttpRequest, user: User, form: Any, commit: bool = True) -> User:
        """Sign-up and the use of the invitation are one fact. Raises TooLate, InvitationUsed."""
        try:
            with transaction.atomic():
                saved: User = super().save_user(request, user, form, commit)
                self._use_invitation(request, saved)
        except IntegrityError:
            raise TooLate(TAKEN_MEANWHILE) from None
        request.session.pop(SESSION_TOKEN, None)
        return saved

    def _use_invitation(self, request: HttpRequest, user: User) -> None:
        token = request.session.get(SESSION_TOKEN)
        used = invitations.accept(token, user) if token else None
        if used is None and site.now().signup != "open":
            raise InvitationUsed
        if used and used.sent_at and used.email == user.email:
            # The link came to it by mail, and to nobody else.
            self.stash_verified_email(request, used.email)
        by = {"invitation": used.pk, "group": used.group_id} if used else {}
        recorded.person(request, "person.sign_up", user, **by)

    def respond_user_inactive(self, request: HttpRequest, user: User) -> HttpResponse:
        """The password was right, and the account is closed."""
        recorded.refused(request, user, deactivated=True)
        answer: HttpResponse = super().respond_user_inactive(request, user)
        return answer

    def clean_username(self, username: str, shallow: bool = False) -> str:
        name: str = super().clean_username(User.normalize_username(clean(username)), shallow)
        User._meta.get_field("username").run_validators(name)  # written out, it may be longer
        if not shallow and names.is_taken("username", name, by_others_than=User()):
            raise self.validation_error("username_taken")
        return name

    def clean_email(self, email: str) -> str:
        return plain_email(clean(super().clean_email(email)))

    def authenticate(self, request: HttpRequest, **credentials: Any) -> Any:
        """Whoever signs in is looked for as they are kept, however their keyboard spells an é."""
        for field, spelled in SPELLED.items():
            if credentials.get(field):
                credentials[field] = spelled(credentials[field])
        return super().authenticate(request, **credentials)

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        """Whose attempts are counted: those at a name, and nothing else. django-allauth puts the Host of the
        request before it, of which the port is anybody's choice, and with each one counts anew."""
        return str(credentials.get("email") or credentials.get("username") or "").casefold()

    def authentication_failed(self, request: HttpRequest, **credentials: Any) -> None:
        recorded.failed(request, credentials)
        super().authentication_failed(request, **credentials)

    # Mails name the site as its administrator does ----------------------------------------------

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        here = {"name": site.now().name, "domain": settings.PUBLIC_URL}
        super().send_mail(template_prefix, email, {**context, "current_site": here})

    def get_from_email(self) -> str:
        return site.now().mail_from

    # Links in mails follow the public address, never a header of the request that asked for them.
    def get_reset_password_from_key_url(self, key: str) -> str:
        path = reverse("account_reset_password_from_key", kwargs={"uidb36": "UID", "key": "KEY"})
        return str(settings.PUBLIC_URL + path.replace("UID-KEY", key))

    def get_email_confirmation_url(self, request: HttpRequest, emailconfirmation: Any) -> str:
        path = reverse("account_confirm_email", args=[emailconfirmation.key])
        return str(settings.PUBLIC_URL + path)
