"""People and groups."""

from typing import TYPE_CHECKING, Any, Literal

from allauth.account.models import EmailAddress
from django import forms
from django.contrib import admin
from django.contrib.admin.utils import unquote
from django.contrib.auth.admin import GroupAdmin, UserAdmin
from django.contrib.auth.forms import AdminUserCreationForm, UserChangeForm
from django.contrib.auth.models import Group
from django.db.models import OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce, Greatest
from django.http import HttpRequest, HttpResponse
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from conversations import holds
from conversations.accounts import names, second_factor
from conversations.accounts.erase import is_under_way
from conversations.admin import person_page, rights
from conversations.admin.budget_bar import bars_of
from conversations.admin.columns import counted, moment, number, summed
from conversations.admin.erasing import Erasing
from conversations.admin.filters import ByGroup
from conversations.admin.holds import kept_by_a_hold
from conversations.admin.people_actions import PeopleActions
from conversations.admin.site import desk
from conversations.admin.table import OnRecord, reader
from conversations.errors import Words
from conversations.models import Conversation, Image, User
from conversations.models.accounts import plain_email

RIGHTS = ("is_staff", "is_superuser", "groups", "user_permissions")
# What is left to them of their budgets.
LEFT = "budgets_now"
FACTS = ("last_login", "date_joined", "told_of_review_at")


if TYPE_CHECKING:
    NewForm = AdminUserCreationForm[User]
    KnownForm = UserChangeForm[User]
    UserTable = UserAdmin[User]
else:
    NewForm, KnownForm, UserTable = AdminUserCreationForm, UserChangeForm, UserAdmin


class _Names:
    """Says that a name or e-mail is taken, in the field where it was typed."""

    if TYPE_CHECKING:
        cleaned_data: dict[str, Any]
        instance: User

    def clean_username(self) -> str:
        name = str(self.cleaned_data["username"])
        return self._free("username", name, _("This user name is taken."))

    def clean_email(self) -> str:
        email = plain_email(str(self.cleaned_data.get("email") or ""))
        return self._free("email", email, _("Somebody else has this e-mail."))

    def _free(self, field: Literal["username", "email"], value: str, sentence: Words) -> str:
        if value and names.is_taken(field, value, by_others_than=self.instance):
            raise forms.ValidationError(sentence)
        return value


class NewPerson(_Names, NewForm):
    class Meta:
        model = User
        fields = ("username", "email")


class KnownPerson(_Names, KnownForm):
    class Meta:
        model = User
        fields = "__all__"


@admin.register(User, site=desk)
class People(PeopleActions, Erasing, UserTable):
    person = "pk"
    change_form_template = "admin/person.html"
    form = KnownPerson
    add_form = NewPerson
    list_display = (
        "username", "email", "is_active", "is_staff", "conversations_in_all", "stored", "last_activity",
        "in_groups", "joined",
    )  # fmt: skip
    list_filter = (
        "is_active", "is_staff", "is_superuser", ("groups", ByGroup), "date_joined", "last_login",
    )  # fmt: skip
    search_fields = ("username", "email", "first_name", "last_name")
    search_help_text = _("A name, an e-mail or an id.")
    ordering = ("username",)
    actions = ("stop_answers", "deactivate", "sign_out", "take_factor_away", "take_along")
    readonly_fields = FACTS
    add_fieldsets = (
        (None, {"fields": ("username", "email", "usable_password", "password1", "password2")}),
    )

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        mine = Conversation.objects.present().filter(owner=OuterRef("pk")).order_by("-updated_at")
        last = Subquery(mine.values("updated_at")[:1])  # the first one there, by an index
        rows: QuerySet[User] = super().get_queryset(request)
        rows = rows.prefetch_related("groups")
        return rows.annotate(
            seen=Greatest("last_login", last),
            conversation_count=counted(Conversation.objects.present(), "owner"),
            bytes_stored=Coalesce(summed(Image.objects.all(), "owner", "blob__bytes"), 0),
        )

    @admin.display(description=_("groups"))
    def in_groups(self, person: User) -> str:
        return ", ".join(group.name for group in person.groups.all())

    @admin.display(description=_("joined"), ordering="date_joined")
    def joined(self, person: User) -> str:
        return f"{person.date_joined:%Y-%m-%d}"

    @admin.display(description=_("budgets"))
    def budgets_now(self, person: User) -> str:
        return bars_of(person)

    @admin.display(description=_("last activity"), ordering="seen")
    def last_activity(self, person: Any) -> str:
        return moment(person.seen)

    @admin.display(description=_("conversations"), ordering="conversation_count")
    def conversations_in_all(self, person: Any) -> str:
        address = reverse("admin:conversations_conversation_changelist")
        count = number(person.conversation_count)
        return format_html('<a href="{}?person={}">{}</a>', address, person.pk, count)

    @admin.display(description=_("pictures"), ordering="bytes_stored")
    def stored(self, person: Any) -> str:
        address = reverse("admin:conversations_image_changelist")
        size = filesizeformat(person.bytes_stored)
        return format_html('<a href="{}?person={}">{}</a>', address, person.pk, size)

    # Who may do what ----------------------------------------------------------------------------

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        if obj is None:
            return self.add_fieldsets
        may_change = self.has_change_permission(request, obj)
        names = ("username", "password") if may_change else ("username",)
        return (
            (None, {"fields": names}),
            (_("Person"), {"fields": ("first_name", "last_name", "email")}),
            (_("Rights"), {"fields": ("is_active", *RIGHTS)}),
            (_("Room"), {"fields": ("room", LEFT)}),
            (_("Dates"), {"fields": FACTS}),
        )

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only an administrator gives rights, else staff could give them to themselves; and nobody
        takes their own away, or the site would be left without one."""
        if obj == request.user:
            return (*FACTS, LEFT, "is_active", *RIGHTS)
        facts = (*FACTS, LEFT)
        return facts if reader(request).is_superuser else (*facts, *RIGHTS)

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_beyond(obj, request) and super().has_change_permission(request, obj)

    def changeable(self, request: HttpRequest, people: QuerySet[User]) -> list[User]:
        """Asked of all at once, which are a thousand."""
        if not self.has_change_permission(request):
            return []
        return [one for one in people.filter(erasure=None) if not _is_above(one, request)]

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return not _is_beyond(obj, request) and super().has_delete_permission(request, obj)

    # Changing -----------------------------------------------------------------------------------

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        form.rights_before = rights.of_person(obj) if change else {}
        super().save_model(request, obj, form, change)
        if "email" in form.changed_data:
            _only_this_email(obj)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Groups are saved after the person."""
        super().save_related(request, form, formsets, change)
        if change:
            person = form.instance
            rights.changed(request, person, form.rights_before, rights.of_person(person))

    # Their page ---------------------------------------------------------------------------------

    def change_view(
        self, request: HttpRequest, object_id: str, form_url: str = "", extra_context: Any = None
    ) -> HttpResponse:
        person = self.get_object(request, unquote(object_id))
        more = {}
        if person is not None and self.has_view_permission(request, person):
            more = {
                "person_facts": person_page.facts(request, person, self.admin_site),
                "person_actions": self._actions_for(request, person),
            }
        return super().change_view(request, object_id, form_url, {**more, **(extra_context or {})})

    def _actions_for(self, request: HttpRequest, person: User) -> list[tuple[str, str]]:
        """Those of the list, for one: each is asked once more there."""
        if not self.has_change_permission(request, person):
            return []
        idle = _idle(person, reader(request))
        actions = self.get_actions(request).values()
        return [(name, str(title)) for _do, name, title in actions if name not in idle]


def _idle(person: User, me: User) -> set[str]:
    """What would do nothing."""
    idle = set() if person.is_active and person != me else {"deactivate"}
    return idle if second_factor.has_one(person) else {*idle, "take_factor_away"}


def _is_beyond(person: Any, request: HttpRequest) -> bool:
    """Who is being erased is let in by nobody any more, until they are gone."""
    return _is_above(person, request) or (person is not None and is_under_way(person))


def _is_above(person: Any, request: HttpRequest) -> bool:
    """Who can set an administrator's password is one; who can set that of other staff has their rights."""
    me = reader(request)
    has_more = person is not None and (person.is_staff or person.is_superuser)
    return has_more and person != me and not me.is_superuser


def _only_this_email(person: User) -> None:
    """An address that an administrator has replaced signs nobody in and resets no password."""
    known = EmailAddress.objects.filter(user=person)
    known.exclude(email__iexact=person.email).delete()
    if person.email and not known.exists():
        EmailAddress.objects.create(user=person, email=person.email, primary=True)


@admin.register(Group, site=desk)
class Groups(OnRecord, GroupAdmin):
    person = None
    search_help_text = _("The name of a group.")
    ids = ()

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> Any:
        """Only an administrator gives rights: others could give their own group every one there is."""
        return () if reader(request).is_superuser else ("permissions",)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """A group that has rights is not for others to take away, nor to make anew."""
        if obj is not None and not reader(request).is_superuser and obj.permissions.exists():
            return False
        return super().has_delete_permission(request, obj)

    def get_deleted_objects(self, objs: Any, request: HttpRequest) -> Any:
        gone, counts, perms, kept = super().get_deleted_objects(objs, request)
        held = holds.in_force().filter(group__in=[group.pk for group in objs])
        groups = {hold.group for hold in held.select_related("group")}
        return gone, counts, perms, [*kept, *map(kept_by_a_hold, groups)]

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        form.rights_before = rights.of_group(obj) if change else {}
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        group = form.instance
        rights.changed(request, group, form.rights_before, rights.of_group(group))
