"""What an administrator has settled for the whole site: one row. What is empty, the environment says."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models

NAME_CHARACTERS = 40
BANNER_CHARACTERS = 1000
INSTRUCTIONS_CHARACTERS = 20_000
# Its only row.
THE_ROW = 1
MOST_DAYS = 36_500


class SignUp(models.TextChoices):
    OPEN = "open", "whoever wants to"
    INVITE = "invite", "who was invited"
    CLOSED = "closed", "nobody"


class Sharing(models.TextChoices):
    PUBLIC = "public", "whoever has the link"
    SIGNED_IN = "signed_in", "people of this site"
    OFF = "off", "nobody"


class Tone(models.TextChoices):
    INFO = "info", "a notice"
    WARNING = "warning", "a warning"


class Tells(models.TextChoices):
    """When the owner of a conversation hears that staff has looked at it."""

    NEVER = "never", "never"
    READ = "read", "when it was read"
    ACTED = "acted", "when something was done about it"


class Switch(models.TextChoices):
    ON = "on", "yes"
    OFF = "off", "no"


class ImageUrls(models.TextChoices):
    FETCH = "fetch", "this site fetches them"
    PASS = "pass", "this site fetches them, or their address is passed on"
    OFF = "off", "they are not taken"


def _choice(label: str, choices: type[models.TextChoices]) -> "models.CharField[str, str]":
    return models.CharField(
        label, max_length=10, choices=choices.choices, blank=True, default="", db_default=""
    )


class SiteSettings(models.Model):
    id = models.PositiveSmallIntegerField(primary_key=True, default=THE_ROW, editable=False)
    name = models.CharField(
        max_length=NAME_CHARACTERS, blank=True, default="", db_default="",
        help_text="What this site is called: in titles, mails, and as an app.",
    )  # fmt: skip
    banner = models.TextField(
        max_length=BANNER_CHARACTERS, blank=True, default="", db_default="",
        help_text="Plain text. Addresses that begin with https:// become links. Everybody may read it, also"
        " on the page where one signs in.",
    )  # fmt: skip
    banner_tone = models.CharField(
        "it is", max_length=10, choices=Tone, default=Tone.INFO, db_default=Tone.INFO
    )
    signup = _choice("who may sign up", SignUp)
    staff_need_mfa = models.BooleanField(
        "staff need a second factor", default=False, db_default=False,
        help_text="Who may come to these pages has to set one up first.",
    )  # fmt: skip
    default_model = models.CharField(
        max_length=100, blank=True, default="", db_default="",
        help_text="Which model a new conversation begins with, where its owner has chosen none.",
    )  # fmt: skip
    system_prompt = models.TextField(
        "instructions for all", max_length=INSTRUCTIONS_CHARACTERS, blank=True, default="",
        db_default="", help_text="What every model reads first, in every conversation of everybody.",
    )  # fmt: skip
    titles = _choice("a model names conversations", Switch)
    summaries = _choice("the old part of a long conversation is summarised", Switch)
    answer_cache = models.PositiveIntegerField(
        "the same answer again, for seconds",
        null=True, blank=True, validators=[MaxValueValidator(31_536_000)],
        help_text="How long an answer at temperature 0 may be given to others who ask the same. 0: never.",
    )  # fmt: skip
    image_urls = _choice("pictures that are named by an address", ImageUrls)
    sharing = _choice("who may open the link to a conversation", Sharing)
    user_storage = models.PositiveIntegerField(
        "room of one person, in MB",
        null=True, blank=True, validators=[MaxValueValidator(10_000_000)],
        help_text="For their pictures. 0 is no limit.",
    )  # fmt: skip
    shows_costs = models.BooleanField(
        "people see what their answers cost", default=True, db_default=True
    )
    asks_reason = models.BooleanField(
        "who opens a private conversation says why", default=False, db_default=False
    )
    tells_owners = models.CharField(
        "its owner is told", max_length=10, choices=Tells, default=Tells.NEVER,
        db_default=Tells.NEVER,
    )  # fmt: skip
    retention_days = models.PositiveIntegerField(
        "conversations are kept for days",
        null=True, blank=True, validators=[MinValueValidator(1), MaxValueValidator(MOST_DAYS)],
        help_text="Since the last activity. Empty: until their owner deletes them. Rules say more.",
    )  # fmt: skip
    # The emergency stop of the whole site: since when, and what people are told.
    stopped_at = models.DateTimeField("stopped since", null=True, blank=True)
    stopped_because = models.CharField(
        "because", max_length=200, blank=True, default="", db_default=""
    )

    class Meta:
        verbose_name = verbose_name_plural = "settings of the site"
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(id=THE_ROW), name="one_row_of_settings")
        ]

    def __str__(self) -> str:
        return self.name or str(self._meta.verbose_name)
