"""What an administrator does not want said here, and where it was said all the same."""

from typing import ClassVar

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations.ids import uuid7
from conversations.models.conversation import Message

TERMS_CHARACTERS = 100_000
SENTENCE_CHARACTERS = 300
MODERATION_MODEL = "omni-moderation-latest"


class PatternKind(models.TextChoices):
    WORDS = "words", _("words: whole ones, * stands for any letters")
    PARTS = "parts", _("parts of words")
    EXPRESSIONS = "expressions", _("regular expressions (RE2)")


class Effect(models.TextChoices):
    MARK = "mark", _("is marked for review")
    REFUSE = "refuse", _("is refused, if it is a question; an answer is marked")


class Pattern(models.Model):
    """Terms, one a line, that mean one thing: any of them is a hit. Capitals and accents do not matter."""

    name = models.CharField(_("name"), max_length=100, unique=True)
    kind = models.CharField(
        _("kind"), max_length=12, choices=PatternKind, default=PatternKind.WORDS
    )
    terms = models.TextField(_("terms"), max_length=TERMS_CHARACTERS)
    effect = models.CharField(_("what it finds"), max_length=8, choices=Effect, default=Effect.MARK)
    # Said to whoever asked, where it refuses; blank: a sentence of ours.
    sentence = models.CharField(
        _("sentence of the refusal"), max_length=SENTENCE_CHARACTERS, blank=True
    )
    in_questions = models.BooleanField(_("in questions and their files"), default=True)
    in_answers = models.BooleanField(_("in answers"), default=True)
    is_enabled = models.BooleanField(_("in force"), default=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("moderation pattern")
        verbose_name_plural = _("moderation patterns")
        ordering: ClassVar = ["name"]
        constraints: ClassVar = [
            models.CheckConstraint(
                condition=models.Q(kind__in=PatternKind.values), name="pattern_kind_is_known"
            ),
            models.CheckConstraint(
                condition=models.Q(effect__in=Effect.values), name="pattern_effect_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Asked(models.TextChoices):
    """What is sent to the provider's moderation endpoint."""

    OFF = "off", _("nothing")
    QUESTIONS = "questions", _("questions")
    ANSWERS = "answers", _("answers")
    BOTH = "both", _("questions and answers")


class Moderation(models.Model):
    """The one row that says what is looked at besides patterns, and how long requests are kept."""

    endpoint = models.CharField(
        _("sent to the moderation endpoint"), max_length=10, choices=Asked, default=Asked.OFF
    )
    provider = models.ForeignKey(
        "Provider", models.SET_NULL, null=True, blank=True, verbose_name=_("provider")
    )
    model = models.CharField(_("model"), max_length=100, default=MODERATION_MODEL)
    threshold = models.FloatField(
        _("marks from this score on"),
        default=0.5,
        validators=[MinValueValidator(0.01), MaxValueValidator(1)],
    )
    # By category, as in {"harassment": 0.9}; those that are not named have the one above.
    thresholds = models.JSONField(_("other scores for some categories"), default=dict, blank=True)
    with_pictures = models.BooleanField(_("pictures, too"), default=True)
    request_days = models.PositiveSmallIntegerField(
        _("days for which requests are kept"), default=90, validators=[MaxValueValidator(3650)]
    )

    class Meta:
        verbose_name = _("moderation")
        verbose_name_plural = _("moderation")
        constraints: ClassVar = [
            models.CheckConstraint(condition=models.Q(pk=1), name="one_moderation"),
        ]

    def __str__(self) -> str:
        return str(_("moderation"))


class Source(models.TextChoices):
    PATTERN = "pattern", _("Pattern")
    ENDPOINT = "endpoint", _("Moderation endpoint")


class Flag(models.Model):
    """A message was marked: which pattern hit, or which categories; never the words."""

    id = models.UUIDField(primary_key=True, default=uuid7, editable=False)
    message = models.ForeignKey(Message, models.CASCADE, related_name="flags")
    source = models.CharField(_("marked by"), max_length=10, choices=Source)
    pattern = models.ForeignKey(
        Pattern,
        models.SET_NULL,
        null=True,
        blank=True,
        related_name="flags",
        verbose_name=_("pattern"),
    )
    # As it was called then: a pattern that is deleted leaves its name.
    pattern_name = models.CharField(_("name of the pattern"), max_length=100, blank=True)
    # Of the endpoint: those that reached their score → the score.
    categories = models.JSONField(_("categories"), default=dict, blank=True)
    score = models.FloatField(_("highest score"), null=True)
    at = models.DateTimeField(_("marked"), default=timezone.now)

    class Meta:
        verbose_name = _("flag")
        verbose_name_plural = _("flags")
        indexes: ClassVar = [
            # The queue: newest first.
            models.Index(fields=["-at"], name="flag_recent"),
        ]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["message", "pattern"],
                condition=models.Q(source="pattern", pattern__isnull=False),
                name="one_flag_a_pattern",
            ),
            models.UniqueConstraint(
                fields=["message"],
                condition=models.Q(source="endpoint"),
                name="one_flag_of_the_endpoint",
            ),
            models.CheckConstraint(
                condition=models.Q(source__in=Source.values), name="flag_source_is_known"
            ),
        ]

    def __str__(self) -> str:
        return f"flag {self.pk}"

    @property
    def why(self) -> list[str]:
        """What hit, for people: the pattern's name or the categories, the surest first."""
        if self.source == Source.PATTERN:
            return [self.pattern_name]
        return sorted(self.categories, key=self.categories.__getitem__, reverse=True)


class Redaction(models.Model):
    """The trace of a message whose words were taken away for ever: who, when, why, and how much it was."""

    message = models.OneToOneField(
        Message, models.CASCADE, primary_key=True, related_name="redaction"
    )
    # Copies, as the audit has them: they stay true when that person is gone.
    by_id = models.UUIDField(null=True)
    by = models.CharField(max_length=150)
    reason = models.CharField(max_length=500)
    at = models.DateTimeField(default=timezone.now)
    characters = models.PositiveIntegerField(default=0)
    pictures = models.PositiveSmallIntegerField(default=0)
    files = models.PositiveSmallIntegerField(default=0)

    def __str__(self) -> str:
        return f"redaction of {self.message_id}"
