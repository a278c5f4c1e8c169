"""People, and the links by which they are let in."""

import unicodedata
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, Group
from django.core.validators import RegexValidator
from django.db import models
from django.db.models.functions import Lower
from django.utils import timezone
from django.utils.crypto import salted_hmac
from django.utils.translation import gettext_lazy as _

from conversations.ids import uuid7

# `@` would let one person's name be another person's e-mail in the one field of the sign-in form.
USERNAME_VALIDATORS = [
    RegexValidator(
        r"\A[\w.+-]+\Z",
        _("A user name has letters, digits and . + - _ only."),
        code="invalid_username",
    )
]


def plain_email(email: str) -> str:
    """As it is kept and looked up: django-allauth asks for lower case and nothing else."""
    return unicodedata.normalize("NFKC", email).lower()


class User(AbstractUser):
    """A name keeps its case and is one with its look-alikes; an e-mail has one spelling only."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    username = models.CharField(
        "user name",
        max_length=150,
        unique=True,
        validators=USERNAME_VALIDATORS,
        error_messages={"unique": _("This user name is taken.")},
    )
    told_of_review_at = models.DateTimeField(
        "told that conversations can be reviewed", null=True, blank=True
    )
    room = models.PositiveIntegerField(
        "room for pictures",
        null=True,
        blank=True,
        help_text=_("In MB. Empty: what the site allows everybody. 0: no limit."),
    )

    signed_out_at = models.DateTimeField("signed out everywhere", null=True, editable=False)

    class Meta:
        verbose_name = "person"
        verbose_name_plural = "people"
        constraints: ClassVar = [
            models.UniqueConstraint(Lower("username"), name="one_person_a_name"),
            models.UniqueConstraint(
                Lower("email"), condition=~models.Q(email=""), name="one_person_an_email"
            ),
        ]

    def clean(self) -> None:
        super().clean()
        self._spell()

    def save(self, *args: Any, **more: Any) -> None:
        """By whatever door somebody comes in, a form, a command or the shell: spelled alike."""
        self._spell()
        super().save(*args, **more)

    def _get_session_auth_hash(self, secret: str | None = None) -> str:
        """Every session holds this, as it was when it began; one that holds another is over. So all end
        at once that began before `signed_out_at`, wherever they are kept."""
        known: str = super()._get_session_auth_hash(secret=secret)  # type: ignore[misc]
        if self.signed_out_at is None:
            return known
        since = f"{known}{self.signed_out_at.timestamp()}"
        return salted_hmac(
            "chatsite.signed_out", since, secret=secret, algorithm="sha256"
        ).hexdigest()

    def _spell(self) -> None:
        self.username = self.normalize_username(self.username)
        self.email = plain_email(self.email)


class Invitation(models.Model):
    """A one-time link. Only the hash of its token is kept; `is_setup` makes the first administrator.

    With an `email` its link is sent there; who accepts it is put into `group`.
    """

    token_hash = models.CharField(max_length=64, unique=True, editable=False)
    note = models.CharField(max_length=200, blank=True, help_text=_("For whom it is."))
    is_setup = models.BooleanField(default=False, editable=False)
    email = models.EmailField("e-mail", blank=True, default="", db_default="")
    language = models.CharField(max_length=16, blank=True, default="", db_default="")
    group = models.ForeignKey(Group, models.SET_NULL, null=True, blank=True, related_name="+")
    # When it is to be mailed, or tried again; None: there is nothing to mail.
    send_at = models.DateTimeField(null=True, editable=False)
    tries = models.PositiveSmallIntegerField(default=0, db_default=0, editable=False)
    sent_at = models.DateTimeField(null=True, editable=False)
    failed_at = models.DateTimeField("could not be sent", null=True, editable=False)
    withdrawn_at = models.DateTimeField(null=True, editable=False)
    created_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="invitations_made"
    )
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, editable=False)
    used_by = models.ForeignKey(
        User, models.SET_NULL, null=True, editable=False, related_name="invitations_used"
    )

    def __str__(self) -> str:
        return self.note or self.email or f"invitation {self.pk}"
