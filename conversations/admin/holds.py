"""Legal holds: placed with a reason, ended by an action, and never changed or deleted."""

from typing import TYPE_CHECKING, Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.models import Group
from django.core.exceptions import ObjectDoesNotExist
from django.db import transaction
from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from conversations import holds, oversight
from conversations.admin.asking import Question, asked, is_answered, reason_in
from conversations.admin.columns import moment
from conversations.admin.site import desk
from conversations.admin.table import Table, reader, record
from conversations.models import Conversation, Hold
from conversations.text import clean

if TYPE_CHECKING:
    Form = forms.ModelForm[Hold]
else:
    Form = forms.ModelForm

ON = ("person", "group", "conversation")
ONE_THING = _("Choose a person, a group, or a conversation: one of the three.")
NOT_THERE = _("There is no conversation of this id.")
HELD_ALREADY = _("A hold is on it already.")
GONE = _("This was destroyed a moment ago: there is nothing left to hold.")
NOTE = _(
    "What is on hold is destroyed by nobody. Its owner is told nothing: what they delete is gone for them,"
    " and stays here until the hold is ended."
)
NONE_ENDED = _("No hold was ended: these have ended before, or are not yours to end.")
END = Question(
    "end_these",
    _("End these holds"),
    (
        _("What they alone have kept may be destroyed from now on: what was deleted meanwhile goes within"
          " minutes and for good, and the rules for keeping count again."),
        _("A hold that has ended does not begin again: another one can be placed, on what is left by then."),
    ),
)  # fmt: skip


class PlaceHold(Form):
    conversation = forms.UUIDField(
        label=_("conversation"), required=False, help_text=_("Its id, as its transcript has it.")
    )

    class Meta:
        model = Hold
        fields = (*ON, "reason")
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}

    # Those that may be named. What stands here is replaced by those whom the reader sees.
    places: ClassVar = Conversation.objects.all()

    def clean_conversation(self) -> Conversation | None:
        id = self.cleaned_data["conversation"]
        found = self.places.filter(pk=id).first() if id else None
        if id and found is None:
            raise forms.ValidationError(NOT_THERE)
        return found

    def clean_reason(self) -> str:
        return clean(str(self.cleaned_data["reason"])).strip()

    def clean(self) -> dict[str, Any]:
        said: dict[str, Any] = super().clean() or {}
        on = {name: said[name] for name in ON if said.get(name)}
        if len(on) != 1 and not any(name in self.errors for name in ON):
            # At a field: what has an error is not asked of Postgres' constraint, too.
            raise forms.ValidationError({"person": ONE_THING})
        if on:
            holds.placing()  # nobody destroys it between this look and the row
            _may_be_held(on)
        return said


def _may_be_held(on: dict[str, Any]) -> None:
    try:
        for thing in on.values():
            thing.refresh_from_db()
    except ObjectDoesNotExist:
        raise forms.ValidationError(GONE) from None
    if holds.in_force().filter(**on).exists():
        raise forms.ValidationError(HELD_ALREADY)


class InForce(admin.SimpleListFilter):
    title, parameter_name = _("state"), "state"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, Any]]:
        return [("force", _("in force")), ("ended", _("ended"))]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Hold]) -> QuerySet[Hold]:
        return (
            queryset.filter(ended_at__isnull=self.value() == "force") if self.value() else queryset
        )


@admin.register(Hold, site=desk)
class Holds(Table):
    form = PlaceHold
    person = "person"
    nothing = _("Nothing is on hold.")
    list_display = ("on", "reason", "by", "placed", "end")
    list_filter = (InForce,)
    search_fields = ("reason", "by")
    search_help_text = _("Words of the reason, a name, or the id of a person or conversation.")
    ids = ("pk", "person", "conversation")
    ordering = ("ended_at", "-since")
    autocomplete_fields = ("person",)
    fieldsets = ((None, {"fields": (*ON, "reason"), "description": NOTE}),)
    actions = ("end_these",)

    def get_queryset(self, request: HttpRequest) -> QuerySet[Hold]:
        return super().get_queryset(request).select_related("person", "group")

    def theirs(self, request: HttpRequest) -> Q:
        """Of people whom this reviewer sees, and of conversations of theirs. A hold on a group is seen by who
        sees everybody."""
        mine = super().theirs(request)
        placed = oversight.theirs(reader(request), "conversation__owner")
        return mine | placed if mine else mine

    def get_form(self, request: HttpRequest, *args: Any, **more: Any) -> Any:
        """Who sees some people learns of no other conversation whether it is there."""
        form = super().get_form(request, *args, **more)
        mine = oversight.theirs(reader(request), "owner")
        return type(form.__name__, (form,), {"places": Conversation.objects.filter(mine)})

    def get_field_queryset(self, db: Any, db_field: Any, request: HttpRequest) -> Any:
        rows = super().get_field_queryset(db, db_field, request)
        if db_field.name != "group" or not oversight.is_limited(reader(request)):
            return rows
        return (Group.objects.all() if rows is None else rows).none()

    @admin.display(description=_("on"))
    def on(self, hold: Hold) -> str:
        return str(hold)

    @admin.display(description=_("since"), ordering="since")
    def placed(self, hold: Hold) -> str:
        return moment(hold.since)

    @admin.display(description=_("ended"), ordering="ended_at")
    def end(self, hold: Hold) -> str:
        return f"{moment(hold.ended_at)} {hold.ended_by}" if hold.ended_at else "–"

    # Who may do what ----------------------------------------------------------------------------

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_end_permission(self, request: HttpRequest) -> bool:
        return reader(request).has_perm("conversations.change_hold")

    # Placing and ending ---------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: Hold, form: Any, change: bool) -> None:
        obj.by = reader(request).get_username()
        super().save_model(request, obj, form, change)
        self._record(request, "hold.place", obj, obj.reason)

    @admin.action(description=END.title, permissions=["end"])
    @transaction.atomic
    def end_these(self, request: HttpRequest, chosen: QuerySet[Hold]) -> HttpResponse | None:
        """With those of what was set aside since: they have its moment (chat/set_aside.py)."""
        ending = list(self._of_others(request, chosen.filter(ended_at=None)))
        if not ending:
            self.message_user(request, NONE_ENDED, messages.WARNING)
            return None
        if not is_answered(request):
            return asked(self, request, END, ending)
        for hold in ending:
            same = holds.in_force().filter(since=hold.since, by=hold.by)
            same.update(ended_at=timezone.now(), ended_by=reader(request).get_username())
            self._record(request, "hold.end", hold, reason_in(request))
        count = len(ending)
        said = ngettext("%(count)s hold was ended.", "%(count)s holds were ended.", count)
        self.message_user(request, said % {"count": count})
        return None

    def _of_others(self, request: HttpRequest, chosen: QuerySet[Hold]) -> QuerySet[Hold]:
        """Nobody frees what is theirs to be destroyed, but an administrator: there may be one alone."""
        me = reader(request)
        if me.is_superuser:
            return chosen
        mine = Q(person=me) | Q(group__in=me.groups.values("pk")) | Q(conversation__owner=me)
        return chosen.exclude(pk__in=Hold.objects.filter(mine).values("pk"))

    def _record(self, request: HttpRequest, action: str, hold: Hold, reason: str) -> None:
        on = {name: str(id) for name in ON if (id := getattr(hold, f"{name}_id"))}
        record(request, action, hold, reason=reason, **on)


def kept_by_a_hold(thing: object) -> str:
    """Of what was chosen to be deleted: why it is not."""
    return str(_("%(thing)s (kept by a legal hold)") % {"thing": thing})
