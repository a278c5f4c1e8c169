"""What is sent to a moderation endpoint, from which score on it marks, and for how long requests are kept."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.utils.translation import gettext_lazy as _

from conversations.admin.one_row import OneRow
from conversations.admin.site import desk
from conversations.models import Moderation, Provider
from conversations.models.catalogue import ProviderKind
from conversations.moderation.known import THE_ROW

if TYPE_CHECKING:
    SettingsForm = forms.ModelForm[Moderation]
else:
    SettingsForm = forms.ModelForm

ABOUT = _(
    "A provider judges what is said here; OpenAI does so for free. It marks messages for the review queue "
    "and refuses none, and nobody waits for it. Questions go there with their files once they are answered, "
    "answers with their reasoning. People choose a model, and with it who reads what they write: nothing of "
    "theirs goes to another provider unless you name one here. If you do, tell them."
)
PROVIDER = _(
    "Empty: the provider of the model that answered, which people have chosen themselves. Another that you "
    "name here reads what everybody on this site writes, whichever model they chose. It needs an endpoint "
    "/v1/moderations, as OpenAI has it; Azure OpenAI and most servers of one's own have none."
)
SCORE = _("From 0.01 to 1. A lower score marks more, and more that is harmless.")
SCORES = _(
    "One a line, such as “harassment: 0.9”. Categories are called as the provider calls them: harassment, "
    "harassment/threatening, hate, hate/threatening, illicit, illicit/violent, self-harm, self-harm/intent, "
    "self-harm/instructions, sexual, sexual/minors, violence, violence/graphic."
)
PICTURES = _("Each is sent by itself. Only omni-moderation models look at pictures.")
NOT_A_LINE = _(
    "Line %(line)s is no category with a score from 0.01 to 1, such as “harassment: 0.9”."
)
TWICE = _("Line %(line)s names a category for the second time.")
TOO_MANY = _("At most 100 categories.")

MOST_CATEGORIES = 100
CATEGORY_CHARACTERS = 100
LEAST_SCORE = 0.01
Scores = dict[str, float]


class ScoresByCategory(forms.CharField):
    """A category and its score, one a line."""

    widget = forms.Textarea(attrs={"rows": 4, "cols": 40, "placeholder": "harassment: 0.9"})

    def prepare_value(self, value: Any) -> Any:
        if not isinstance(value, dict):
            return value
        return "\n".join(f"{name}: {score:g}" for name, score in sorted(value.items()))

    def to_python(self, value: Any) -> Any:
        scores: Scores = {}
        for number, line in enumerate((super().to_python(value) or "").splitlines(), 1):
            if line.strip():
                name, score = _category(line, number)
                if name in scores:
                    raise forms.ValidationError(TWICE, params={"line": number})
                scores[name] = score
        if len(scores) > MOST_CATEGORIES:
            raise forms.ValidationError(TOO_MANY)
        return scores


def _category(line: str, number: int) -> tuple[str, float]:
    """Of “name: score”; some write decimals with a comma."""
    name, _colon, written = (part.strip() for part in line.partition(":"))
    try:
        score = float(written.replace(",", "."))
    except ValueError:
        score = 0.0
    if not name or len(name) > CATEGORY_CHARACTERS or not LEAST_SCORE <= score <= 1:
        raise forms.ValidationError(NOT_A_LINE, params={"line": number})
    return name, score


class ForModeration(SettingsForm):
    thresholds = ScoresByCategory(
        label=_("Other scores for some categories"),
        required=False,
        max_length=20_000,
        help_text=SCORES,
        empty_value="",
    )

    class Meta:
        model = Moderation
        fields = (
            "endpoint", "provider", "model", "threshold", "thresholds", "with_pictures", "request_days",
        )  # fmt: skip
        help_texts = {
            "provider": PROVIDER,
            "threshold": SCORE,
            "with_pictures": PICTURES,
        }

    def __init__(self, *args: Any, **more: Any) -> None:
        super().__init__(*args, **more)
        if "provider" in self.fields:  # who may only look has no fields
            self._name_providers(self.fields["provider"])

    def _name_providers(self, field: Any) -> None:
        """Those that can be asked; they are added and changed in a place of their own."""
        nobody = [ProviderKind.AUTO, ProviderKind.BUILTIN]
        field.queryset = Provider.objects.exclude(kind__in=nobody)
        field.empty_label = _("the provider that answered")
        for what in ("add", "change", "delete", "view"):
            setattr(field.widget, f"can_{what}_related", False)


@admin.register(Moderation, site=desk)
class ModerationOfTheSite(OneRow):
    person = None
    row = THE_ROW
    form = ForModeration
    valued = ("endpoint", "provider", "model", "threshold", "with_pictures", "request_days")
    fieldsets = (
        (
            _("The provider's moderation endpoint"),
            {
                "description": ABOUT,
                "fields": (
                    "endpoint", "provider", "model", "threshold", "thresholds", "with_pictures",
                ),
            },
        ),
        (_("Requests that were sent"), {"fields": ("request_days",)}),
    )  # fmt: skip
