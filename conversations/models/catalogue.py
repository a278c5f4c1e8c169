"""The catalogue: who answers, which models there are, what they can do and what they cost."""

from typing import ClassVar

from django.contrib.auth.models import Group
from django.contrib.postgres.fields import ArrayField
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

MOST_SECONDS = 86_400
FAILURES = 10
# A few, so that it is known which copies of a picture there may be (attachments/smaller.py).
PICTURE_SIDES = (512, 768, 1024, 1280, 1568)


class ProviderKind(models.TextChoices):
    OPENAI = "openai", "OpenAI"
    AZURE = "azure", "Azure OpenAI"
    COMPATIBLE = "compatible", "a server that speaks as OpenAI does"
    BUILTIN = "builtin", "the model that is built in"
    AUTO = "auto", "rules that choose between two models"


class KeyFrom(models.TextChoices):
    NOWHERE = "", "no key"
    ENVIRONMENT = "environment", "an environment variable"
    FILE = "file", "a file"
    STORED = "stored", "stored here, encrypted"


class Ability(models.TextChoices):
    """The first four are the protocol's; they are what `GET /api/v1/models` tells of a model."""

    VISION = "vision", _("sees pictures")
    TOOLS = "tools", _("calls tools")
    JSON_SCHEMA = "json_schema", _("answers by a JSON schema")
    REASONING = "reasoning", _("thinks first")
    PARALLEL_TOOLS = "parallel_tools", _("calls several tools at once")
    AUDIO = "audio", _("hears and speaks")
    STREAM_USAGE = "stream_usage", _("says in a stream how many tokens it took")


class LimitParameter(models.TextChoices):
    BY_KIND = "", "as its provider usually calls it"
    OLD = "max_tokens", "max_tokens"
    NEW = "max_completion_tokens", "max_completion_tokens"


class InstructionRole(models.TextChoices):
    BY_KIND = "", "as its provider usually has it"
    SYSTEM = "system", "system"
    DEVELOPER = "developer", "developer"


class Tokenizer(models.TextChoices):
    """As `splintr` calls them; each comes with its tables."""

    O200K = "o200k_base", "o200k_base (GPT-4o and later)"
    CL100K = "cl100k_base", "cl100k_base (GPT-4 and before)"
    DEEPSEEK = "deepseek_v3", "DeepSeek V3"
    GEMMA = "gemma3", "Gemma 3"
    GLM = "glm4", "GLM 4"
    KIMI = "kimi_k2", "Kimi K2"
    LLAMA = "llama3", "Llama 3"
    MISTRAL = "mistral_v3", "Mistral"
    PHI = "phi4", "Phi 4"
    QWEN = "qwen3", "Qwen 2 and 3"


def _seconds(name: str) -> "models.PositiveIntegerField[int | None, int | None]":
    limits = [MinValueValidator(1), MaxValueValidator(MOST_SECONDS)]
    return models.PositiveIntegerField(name, null=True, blank=True, validators=limits)


class Provider(models.Model):
    """Whom to ask, and how much of it may be asked. `name` is what the ledger calls it."""

    name = models.SlugField("name", max_length=40, unique=True)
    kind = models.CharField("kind", max_length=12, choices=ProviderKind)
    # Blank for OpenAI: what OPENAI_BASE_URL says, else OpenAI itself, as its SDK has it.
    base_url = models.CharField("address", max_length=500, blank=True)
    api_version = models.CharField("API version", max_length=40, blank=True)
    key_from = models.CharField("key from", max_length=12, choices=KeyFrom, blank=True)
    key_name = models.CharField("variable or file", max_length=500, blank=True)
    # A Fernet token (https://github.com/fernet/spec), never the key.
    key_stored = models.TextField(blank=True, editable=False)
    proxy = models.CharField("proxy", max_length=500, blank=True)
    connect_seconds = _seconds("seconds to connect")
    first_token_seconds = _seconds("seconds until the first token")
    between_tokens_seconds = _seconds("seconds between tokens")
    answer_seconds = _seconds("seconds for an answer")
    # What it allows us, over all processes. None: as much as is asked.
    concurrent_calls = models.PositiveIntegerField("calls at once", null=True, blank=True)
    requests_per_minute = models.PositiveIntegerField("requests a minute", null=True, blank=True)
    tokens_per_minute = models.PositiveIntegerField("tokens a minute", null=True, blank=True)
    # Then it is left alone for a while (runs/circuit.py). 0: never.
    failures_in_a_row = models.PositiveSmallIntegerField(
        "failures in a row until it is left alone",
        default=FAILURES,
        db_default=FAILURES,
        blank=True,
    )
    is_enabled = models.BooleanField("enabled", default=True)

    class Meta:
        verbose_name = "provider"
        verbose_name_plural = "providers"
        ordering: ClassVar = ["name"]

    def __str__(self) -> str:
        return self.name


class Circuit(models.Model):
    """What became of a provider that failed. Written when that changes, never by an ordinary question."""

    provider = models.OneToOneField(
        Provider, models.CASCADE, primary_key=True, related_name="circuit"
    )
    # Since when nobody asks it, and until when: then one question tries it, with a new `left_until`
    # for that. None: it is asked as usual.
    opened_at = models.DateTimeField(null=True)
    left_until = models.DateTimeField(null=True)
    is_tried = models.BooleanField(default=False, db_default=False)
    # How often in a row: each time is longer than the one before.
    rests = models.PositiveSmallIntegerField(default=0, db_default=0)
    # It does not take our key, since then; nobody is told of it by mail twice in an hour.
    key_refused_at = models.DateTimeField(null=True)
    mailed_at = models.DateTimeField(null=True)
    # The newest, in the provider's own words, without the key; it stays when that is over.
    error = models.TextField(blank=True)
    error_at = models.DateTimeField(null=True)

    def __str__(self) -> str:
        return f"circuit {self.pk}"


class LanguageModel(models.Model):
    """A model as people choose it. `slug` is its id in the API, in conversations and on the ledger."""

    slug = models.CharField("id", max_length=100, unique=True)
    provider = models.ForeignKey(Provider, models.CASCADE, related_name="models")
    # The id sent to the provider, with Azure the deployment. Blank: `slug`.
    sent_as = models.CharField("id sent", max_length=200, blank=True)
    name = models.CharField("name", max_length=100)
    description = models.CharField("description", max_length=300, blank=True)
    context_window = models.PositiveIntegerField(
        "context window", validators=[MinValueValidator(256)]
    )
    # Its server did not say (provider/fetch.py).
    is_window_guessed = models.BooleanField(
        "the window is a guess", default=False, db_default=False
    )
    max_output_tokens = models.PositiveIntegerField(
        "output limit", validators=[MinValueValidator(1)]
    )
    abilities = ArrayField(
        models.CharField(max_length=20, choices=Ability),
        verbose_name="abilities",
        default=list,
        blank=True,
    )
    efforts = ArrayField(
        models.CharField(max_length=10), verbose_name="efforts", default=list, blank=True
    )
    # None: what models of its sort take (provider/interface.py).
    parameters = ArrayField(
        models.CharField(max_length=40), verbose_name="parameters", null=True, blank=True
    )
    limit_parameter = models.CharField(
        "name of the output limit", max_length=24, choices=LimitParameter, blank=True
    )
    instruction_role = models.CharField(
        "role of instructions", max_length=12, choices=InstructionRole, blank=True
    )
    # How it cuts text into tokens; blank: nobody here knows, and it is estimated.
    tokenizer = models.CharField("tokenizer", max_length=20, choices=Tokenizer, blank=True)
    # What a picture takes: {"base", "tile"} or {"patch", "most"} (provider/tokens/pictures.py).
    picture_tokens = models.JSONField("tokens of a picture", null=True, blank=True)
    # More of it than this a model throws away; None: 2,048 pixels, as pictures are stored.
    picture_side = models.PositiveSmallIntegerField(
        "longest side of a picture",
        null=True,
        blank=True,
        choices=[(side, str(side)) for side in PICTURE_SIDES],
    )
    options = models.JSONField("options", default=dict, blank=True)
    is_enabled = models.BooleanField("enabled", default=True)
    is_default = models.BooleanField("default", default=False)
    position = models.PositiveSmallIntegerField("position", default=100)
    # Nobody chosen: for everybody.
    groups = models.ManyToManyField(Group, verbose_name="groups", blank=True)
    small = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="titles and summaries by",
    )  # fmt: skip
    fall_back = models.ForeignKey(
        "self", models.SET_NULL, null=True, blank=True, related_name="+",
        verbose_name="when it fails, answers",
    )  # fmt: skip
    # Of kind `auto` alone: between which two it chooses, and when the large one is taken
    # (provider/rules.py).
    rules = models.JSONField("rules", null=True, blank=True)

    class Meta:
        verbose_name = "model"
        verbose_name_plural = "models"
        ordering: ClassVar = ["position", "slug"]
        constraints: ClassVar = [
            models.UniqueConstraint(
                fields=["is_default"], condition=Q(is_default=True), name="one_default_model"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class Price(models.Model):
    """US dollars a million tokens, from a day on (UTC). What was on the ledger before stays as it is."""

    model = models.ForeignKey(
        LanguageModel, models.CASCADE, related_name="prices", db_index=False
    )  # see one_price_a_day
    since = models.DateField("since")
    input = models.DecimalField("input", max_digits=12, decimal_places=6)
    cached_input = models.DecimalField("cached input", max_digits=12, decimal_places=6)
    output = models.DecimalField("output", max_digits=12, decimal_places=6)
    source = models.CharField("source", max_length=300, blank=True)

    class Meta:
        verbose_name = "price"
        verbose_name_plural = "prices"
        ordering: ClassVar = ["-since"]
        constraints: ClassVar = [
            models.UniqueConstraint(fields=["model", "since"], name="one_price_a_day"),
            models.CheckConstraint(
                condition=Q(input__gte=0, cached_input__gte=0, output__gte=0),
                name="prices_are_not_negative",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.since}"
