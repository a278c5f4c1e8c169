"""Patterns, a box to try them in, and what was marked."""

from typing import TYPE_CHECKING, Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.utils.translation import gettext_lazy as _

from conversations.admin.columns import counted, moment, number, way_to
from conversations.admin.site import desk
from conversations.admin.table import OnRecord, ReadOnly
from conversations.models import Flag, Pattern
from conversations.models.conversation import LONG, present
from conversations.moderation.matching import Unusable, matcher_of, terms

if TYPE_CHECKING:
    PatternForm = forms.ModelForm[Pattern]
else:
    PatternForm = forms.ModelForm

TERMS = _(
    "One a line; lines that begin with # are notes. Any of them is a hit; capitals and accents do not "
    "matter. Words: “bomb*” also finds bombs, “credit card” any space or punctuation between. Regular "
    "expressions are those of RE2, which reads each text once: it knows no look-around."
)
NOT_USABLE = _("Line {line} cannot be used: {why}")
TOO_LONG = _("it is too long")
TOO_MUCH = _(
    "All patterns together are too much for one look at a text. Say it in fewer or simpler terms."
)
NO_TERMS = _("Write at least one term.")
TRIED_CHARACTERS = 100_000


class ForPattern(PatternForm):
    class Meta:
        model = Pattern
        fields = (
            "name", "kind", "terms", "effect", "sentence", "in_questions", "in_answers", "is_enabled",
        )  # fmt: skip
        help_texts = {
            "name": _("What the queue calls it. Nobody else sees it."),
            "terms": TERMS,
            "sentence": _("Whoever asked reads it. Empty: a sentence of ours."),
        }

    def clean(self) -> Any:
        cleaned = super().clean() or self.cleaned_data
        if "terms" in cleaned and "kind" in cleaned:
            self._try_to_use(Pattern(kind=cleaned["kind"], terms=cleaned["terms"]))
        return cleaned

    def _try_to_use(self, pattern: Pattern) -> None:
        if not terms(pattern.terms):
            self.add_error("terms", str(NO_TERMS))
            return
        others = Pattern.objects.filter(is_enabled=True).exclude(pk=self.instance.pk)
        try:
            matcher_of([pattern, *others])
        except Unusable as problem:
            line, why = problem.args
            said = NOT_USABLE.format(line=line, why=why or TOO_LONG) if line else str(TOO_MUCH)
            self.add_error("terms", said)


class Tried(forms.Form):
    text = forms.CharField(
        label=_("Text"),
        max_length=TRIED_CHARACTERS,
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text=_("It is looked at and forgotten: nothing of it is kept."),
    )


@admin.register(Pattern, site=desk)
class Patterns(OnRecord):
    person = None
    form = ForPattern
    nothing = _("There is no pattern. Nothing is looked for in what people write.")
    list_display = ("name", "in_short", "does", "in_questions", "in_answers", "is_enabled", "hits")
    list_filter = ("effect", "is_enabled")
    search_fields = ("name",)
    change_list_template = "admin/patterns.html"

    @admin.display(description=_("kind"), ordering="kind")
    def in_short(self, pattern: Pattern) -> str:
        """A column has no room for how it is meant; the form has."""
        return pattern.get_kind_display().partition(":")[0]

    @admin.display(description=_("what it finds"), ordering="effect")
    def does(self, pattern: Pattern) -> str:
        return pattern.get_effect_display().partition(",")[0]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Pattern]:
        rows: QuerySet[Pattern] = super().get_queryset(request)
        return rows.annotate(marked=counted(Flag.objects.all(), "pattern"))

    @admin.display(description=_("messages marked"), ordering="marked")
    def hits(self, pattern: Any) -> str:
        return number(pattern.marked)

    def get_urls(self) -> list[Any]:
        view = self.admin_site.admin_view(self.try_view)
        return [path("try/", view, name="conversations_pattern_try"), *super().get_urls()]

    def try_view(self, request: HttpRequest) -> HttpResponse:
        """All patterns, also those that are not in force."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        form = Tried(request.POST or None)
        found = None
        if request.method == "POST" and form.is_valid():
            found = matcher_of(list(Pattern.objects.all())).hits([form.cleaned_data["text"]])
        context = {
            **self.admin_site.each_context(request),
            "title": _("Try the patterns"),
            "subtitle": None,
            "opts": self.opts,
            "form": form,
            "found": found,
        }
        return render(request, "admin/try_patterns.html", context)


@admin.register(Flag, site=desk)
class Flags(ReadOnly):
    """What was marked and why; the message itself is read in its transcript, on record."""

    person = "message__conversation__owner"
    nothing = _("Nothing was marked, by a pattern or by the moderation endpoint.")
    list_display = ("marked", "source", "reasons", "owner", "transcript")
    list_filter = ("source", "at")
    list_select_related = ("message__conversation__owner",)
    search_fields = ("pattern_name", "message__conversation__owner__username")
    search_help_text = _("A pattern, a person, or the id of a message or conversation.")
    ids = ("pk", "message", "message__conversation")
    ordering = ("-at",)
    fields = ("marked", "source", "reasons", "owner", "transcript")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Flag]:
        rows: QuerySet[Flag] = super().get_queryset(request)
        unread = [f"message__{name}" for name in LONG]
        return rows.filter(present("message__conversation__")).defer(*unread)

    @admin.display(description=_("marked"), ordering="at")
    def marked(self, flag: Flag) -> str:
        return moment(flag.at)

    @admin.display(description=_("why"))
    def reasons(self, flag: Flag) -> str:
        return ", ".join(flag.why)

    @admin.display(description=_("owner"))
    def owner(self, flag: Flag) -> str:
        return flag.message.conversation.owner.get_username()

    @admin.display(description=_("transcript"))
    def transcript(self, flag: Flag) -> str:
        return way_to(flag.message.conversation_id, flag.message_id)
