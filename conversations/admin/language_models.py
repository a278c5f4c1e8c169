"""Models and what they cost: what they can, whom they are for, and how they are asked."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.db import transaction
from django.db.models import JSONField, QuerySet
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from pydantic import ValidationError

from conversations.admin import catalogue_help
from conversations.admin.asking import Question, asked, is_answered, reason_in
from conversations.admin.columns import number, shown
from conversations.admin.json_field import TypedJson
from conversations.admin.on_offer import OfTheCatalogue, state_of_model
from conversations.admin.prices import PricesOfModel
from conversations.admin.seen import AsSeen
from conversations.admin.site import desk
from conversations.admin.table import record
from conversations.chat.questions import usual_options
from conversations.models import LanguageModel
from conversations.models.catalogue import Ability, ProviderKind
from conversations.provider.interface import PARAMETERS
from conversations.provider.rules import Rules
from conversations.runs import halt

EFFORTS = ("none", "minimal", "low", "medium", "high", "xhigh", "max")
SIZES = ("context_window", "max_output_tokens")
MOST_TOKENS = 2**31

FORMULA = _("Either base and tile, or patch and most, each a number.")
NOT_OPTIONS = _("These are not options that can be set: {why}")
MORE_THAN_ITS_WINDOW = _("An answer cannot be longer than the context window.")
GUESS = _("{window} (a guess)")
NOT_ITSELF = _("A model cannot stand in for itself.")
NOT_A_CHOICE = _("This one only chooses between two others.")
NEEDED = _("This is needed.")
RULES_NEEDED = _("Between which models does it choose? See the example below.")
NO_RULES = _("Only a model whose provider is of the kind “rules” has rules.")
NOT_RULES = _("These are no rules: {why}")
NO_SUCH_MODELS = _("There is no model {names}.")
RULES_HELP = _(
    "For a provider of the kind “rules”. The large model answers questions of more characters than this, in "
    "conversations of more tokens, with pictures, with code, or with one of these words; else the small "
    "one. Leave out what is not to count. For example: {example}"
)
RULES_EXAMPLE = (
    '{"small": "gpt-4o-mini", "large": "gpt-4o", "characters": 2000, "tokens": 20000, '
    '"pictures": true, "code": true, "words": ["think", "prove", "analyse"]}'
)

if TYPE_CHECKING:
    ModelForm = AsSeen[LanguageModel]
else:
    ModelForm = AsSeen


class ForModel(ModelForm):
    abilities = forms.MultipleChoiceField(
        label=_("Abilities"), choices=Ability.choices, required=False,
        widget=forms.CheckboxSelectMultiple, help_text=catalogue_help.ABILITIES,
    )  # fmt: skip
    efforts = forms.MultipleChoiceField(
        label=_("Efforts"), choices=[(one, one) for one in EFFORTS], required=False,
        widget=forms.CheckboxSelectMultiple, help_text=catalogue_help.EFFORTS,
    )  # fmt: skip
    parameters = forms.MultipleChoiceField(
        label=_("Parameters"), choices=[(one, one) for one in PARAMETERS], required=False,
        widget=forms.CheckboxSelectMultiple, help_text=catalogue_help.PARAMETERS,
    )  # fmt: skip

    class Meta:
        model = LanguageModel
        fields = "__all__"
        help_texts = catalogue_help.MODEL

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["rules"].help_text = RULES_HELP.format(example=RULES_EXAMPLE)
        for name in SIZES:
            self.fields[name].required = False

    def clean_parameters(self) -> list[str] | None:
        return list(self.cleaned_data["parameters"]) or None

    def clean_options(self) -> dict[str, Any]:
        try:
            return usual_options(self.cleaned_data["options"] or {})
        except ValueError as problem:
            raise forms.ValidationError(NOT_OPTIONS.format(why=problem)) from None

    def clean_picture_tokens(self) -> dict[str, float] | None:
        formula = self.cleaned_data["picture_tokens"]
        if formula in (None, {}):
            return None
        is_known = isinstance(formula, dict) and formula.keys() in (
            {"base", "tile"},
            {"patch", "most"},
        )
        if not is_known or not all(_is_amount(value) for value in formula.values()):
            raise forms.ValidationError(FORMULA)
        return dict(formula)

    def clean(self) -> dict[str, Any]:
        said = super().clean()
        for name in ("small", "fall_back"):
            helper = said.get(name)
            if self.instance.pk and helper == self.instance:
                self.add_error(name, NOT_ITSELF)
            elif helper and helper.provider.kind == ProviderKind.AUTO:
                self.add_error(name, NOT_A_CHOICE)
        provider = said.get("provider")
        if provider and provider.kind == ProviderKind.AUTO:
            self._check_rules(said)
        else:
            self._check_sizes(said)
        return said

    def _check_rules(self, said: dict[str, Any]) -> None:
        """Who is chosen is there; and what it is said to be able to do follows from the two."""
        if not said.get("rules"):
            return self.add_error("rules", RULES_NEEDED)
        try:
            rules = Rules.model_validate(said["rules"])
        except ValidationError as problem:
            return self.add_error("rules", NOT_RULES.format(why=_first(problem)))
        known = LanguageModel.objects.exclude(provider__kind=ProviderKind.AUTO)
        rows = {row.slug: row for row in known.filter(slug__in=(rules.small, rules.large))}
        if missing := [id for id in (rules.small, rules.large) if id not in rows]:
            return self.add_error("rules", NO_SUCH_MODELS.format(names=", ".join(missing)))
        said["rules"] = rules.model_dump(mode="json", exclude_defaults=True)
        for name in SIZES:
            said[name] = min(getattr(row, name) for row in rows.values())
        return None

    def _check_sizes(self, said: dict[str, Any]) -> None:
        if said.get("rules"):
            self.add_error("rules", NO_RULES)
        for name in SIZES:
            if name not in self.errors and said.get(name) is None:
                self.add_error(name, NEEDED)
        if (said.get("max_output_tokens") or 0) > (said.get("context_window") or MOST_TOKENS):
            self.add_error("max_output_tokens", MORE_THAN_ITS_WINDOW)

    def _get_validation_exclusions(self) -> set[str]:
        """There is one default: who is chosen takes the place of who was (`save_model`)."""
        return {*super()._get_validation_exclusions(), "is_default"}  # type: ignore[misc]


STOP = Question(
    "stop",
    _("Withdraw and stop its answers"),
    (
        _("Nobody can choose it any more, and every answer that it is asked for ends at once."),
        _("What came of them is kept. “Enable” brings it back."),
    ),
)


def _first(problem: ValidationError) -> str:
    first = problem.errors()[0]
    return f"{'.'.join(str(part) for part in first['loc'])}: {first['msg']}"


def _is_amount(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1_000_000


@admin.register(LanguageModel, site=desk)
class LanguageModels(OfTheCatalogue):
    person = None
    form = ForModel
    valued = (
        "slug", "provider", "sent_as", "context_window", "max_output_tokens", "is_enabled",
        "is_default", "small", "fall_back",
    )  # fmt: skip
    inlines = (PricesOfModel,)
    formfield_overrides: ClassVar = {JSONField: {"form_class": TypedJson}}
    list_display = (
        "name", "slug", "provider", "state", "usual", "window", "price",
    )  # fmt: skip
    list_select_related = ("provider",)
    list_filter = ("is_enabled", "provider")
    search_fields = ("slug", "name", "sent_as")
    search_help_text = _("A name or an id.")
    ids = ()
    ordering = ("-is_enabled", "position", "slug")
    filter_horizontal = ("groups",)
    actions = ("enable", "disable", "stop")
    fieldsets = (
        (None, {"fields": ("slug", "name", "description", "provider", "sent_as", "seen")}),
        (
            _("Who may use it"),
            {"fields": ("is_enabled", "is_default", "position", "groups")},
        ),
        (
            _("What it can"),
            {
                "fields": (
                    "context_window", "is_window_guessed", "max_output_tokens", "abilities",
                    "efforts", "tokenizer", "picture_tokens", "picture_side",
                )
            },
        ),
        (_("Who helps it"), {"fields": ("small", "fall_back")}),
        (_("How it chooses"), {"classes": ("collapse",), "fields": ("rules",)}),
        (
            _("How it is asked"),
            {
                "classes": ("collapse",),
                "fields": ("options", "parameters", "limit_parameter", "instruction_role"),
            },
        ),
    )  # fmt: skip

    def get_queryset(self, request: HttpRequest) -> QuerySet[LanguageModel]:
        rows: QuerySet[LanguageModel] = super().get_queryset(request)
        return rows.prefetch_related("prices")

    def save_model(self, request: HttpRequest, obj: Any, form: Any, change: bool) -> None:
        if obj.is_default:
            everyone = LanguageModel.objects.select_for_update().order_by("pk")
            list(everyone.values_list("pk"))  # of two at once the second waits, and wins
            LanguageModel.objects.filter(is_default=True).exclude(pk=obj.pk).update(
                is_default=False
            )
        super().save_model(request, obj, form, change)

    @admin.display(description=_("state"), ordering="is_enabled")
    def state(self, model: LanguageModel) -> str:
        return shown(state_of_model(model))

    @admin.display(description=_("default"), ordering="is_default")
    def usual(self, model: LanguageModel) -> str:
        return "✓" if model.is_default else ""

    @admin.display(description=_("window"), ordering="context_window")
    def window(self, model: LanguageModel) -> str:
        window = number(model.context_window)
        return GUESS.format(window=window) if model.is_window_guessed else window

    @admin.display(description=_("in / out, $"))
    def price(self, model: LanguageModel) -> str:
        """Today's. The newest come first, as the table is ordered."""
        today = datetime.now(UTC).date()
        newest = next((row for row in model.prices.all() if row.since <= today), None)
        return f"{newest.input.normalize():f} / {newest.output.normalize():f}" if newest else "–"

    @admin.action(description=_("Enable"), permissions=["change"])
    def enable(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        self._switch(request, queryset, on=True)

    @admin.action(description=_("Withdraw"), permissions=["change"])
    def disable(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> None:
        self._switch(request, queryset, on=False)

    @admin.action(description=STOP.title, permissions=["change"])
    def stop(self, request: HttpRequest, queryset: QuerySet[LanguageModel]) -> Any:
        rows = list(queryset)
        if not is_answered(request):
            return asked(self, request, STOP, rows)
        self._switch(request, queryset, on=False)
        for row in rows:
            ended = halt.with_model(row.slug)
            record(request, "model.stop", row, reason=reason_in(request), answers=ended)
        return None

    def _switch(self, request: HttpRequest, rows: QuerySet[LanguageModel], *, on: bool) -> None:
        changed = list(rows.exclude(is_enabled=on))
        with transaction.atomic():  # all at once is one piece of news
            for row in changed:
                row.is_enabled = on
                row.save(update_fields=["is_enabled"])
                self._record(request, "change", row, fields=["is_enabled"])
        told = ngettext("{count} model enabled.", "{count} models enabled.", len(changed))
        if not on:
            told = ngettext("{count} model withdrawn.", "{count} models withdrawn.", len(changed))
        messages.success(request, told.format(count=number(len(changed))))
