"""The app, and the names that its tables and columns have for people."""

from collections.abc import Iterator
from typing import Any

from django.apps import AppConfig
from django.db.models import Model
from django.utils.translation import gettext_lazy as _


class ConversationsConfig(AppConfig):
    name = "conversations"
    label = "conversations"
    verbose_name = _("Chat")
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from conversations import tasks
        from conversations.accounts import erasures, invitation_mail, recorded, signals  # noqa: F401
        from conversations.chat import deletion  # noqa: F401
        from conversations.runs import limits_watch, moderation_watch, offers, site_watch, spending

        offers.watch()
        site_watch.watch()
        spending.watch()
        limits_watch.watch()
        moderation_watch.watch()
        tasks.for_ever["invitations by mail"] = invitation_mail.keep_sending
        tasks.for_ever["erasing people"] = erasures.keep_erasing

        for model in self.get_models():
            name_in_every_language(model)


def named(model: type[Model]) -> Iterator[Any]:
    """What the admin calls a table and its columns, in English. Some tables nobody is ever shown."""
    if not getattr(model, "is_shown", True):
        return
    meta = model._meta
    yield from (meta.verbose_name, meta.verbose_name_plural)
    yield from (field.verbose_name for field in (*meta.fields, *meta.many_to_many))
    yield from (field.help_text for field in meta.fields if field.help_text)
    yield from (label for field in meta.fields for _value, label in field.flatchoices if label)


def name_in_every_language(model: type[Model]) -> None:
    """Django makes most names from those in the code. Here they learn other languages, which changes
    neither a table nor a migration: those remember what was written, not what is shown."""
    meta = model._meta
    meta.verbose_name = _(str(meta.verbose_name))
    meta.verbose_name_plural = _(str(meta.verbose_name_plural))
    for field in meta.local_fields:
        field.verbose_name = _(str(field.verbose_name))
        field.help_text = _(str(field.help_text)) if field.help_text else ""
        if field.choices:
            field.choices = [(value, _(str(label))) for value, label in field.flatchoices]
    for many in meta.local_many_to_many:
        many.verbose_name = _(str(many.verbose_name))
