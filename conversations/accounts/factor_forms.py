"""The forms in which a code is typed. No code is taken twice, whichever form and process it comes to."""

from typing import Any

from allauth.core.internal.cryptokit import normalize_user_code
from allauth.mfa import app_settings
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from conversations.accounts import guesses

# The code of an app has six digits, one to recover with eight; some type spaces between them.
LONGEST = 20
TOO_MANY = _(
    "Too many wrong codes for this account: for a day no code is taken any more. Where you are signed in you"
    " stay so. If it was not you, somebody knows your password: ask an administrator for another one, with"
    " which codes are taken again."
)


class _Once:
    """django-allauth forgets a code after one period, and does not note the one that activates an app. With
    a clock that may be one period off either way, a code is good for three."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["code"]  # type: ignore[attr-defined]
        field.max_length = LONGEST
        field.widget.attrs |= {"inputmode": "numeric", "maxlength": LONGEST, "autofocus": True}

    def clean_code(self) -> str:
        code: str = super().clean_code()  # type: ignore[misc]
        periods = 2 * app_settings.TOTP_TOLERANCE + 1
        used = f"second-factor/{self.user.pk}/{normalize_user_code(code)}"  # type: ignore[attr-defined]
        if not cache.add(used, "used", timeout=periods * app_settings.TOTP_PERIOD):
            raise get_adapter().validation_error("incorrect_code")
        return code


class _Bounded(_Once):
    """So many wrong ones a day (guesses.py); then a right one is not looked at either."""

    inside = False

    def clean_code(self) -> str:
        if guesses.are_used_up(self.user, inside=self.inside):  # type: ignore[attr-defined]
            raise ValidationError(TOO_MANY)
        return super().clean_code()


class SignIn(_Bounded, AuthenticateForm):  # type: ignore[misc]
    pass


class SignInAgain(_Bounded, ReauthenticateForm):  # type: ignore[misc]
    inside = True


class SetUp(_Once, ActivateTOTPForm):  # type: ignore[misc]
    pass
