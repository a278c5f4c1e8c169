"""When somebody's right to be here changes, every process hears it and looks at their sockets again."""

from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver
from django.http import HttpRequest

from conversations.events import doorbell
from conversations.models import User


@receiver(user_logged_out)
def logged_out(request: HttpRequest, user: User | None, **_: Any) -> None:
    if user is not None:
        doorbell.ring({"user": str(user.pk)})


@receiver(post_save, sender=User)
def changed(instance: User, update_fields: frozenset[str] | None, **_: Any) -> None:
    if update_fields != frozenset({"last_login"}):
        doorbell.ring({"user": str(instance.pk)})


@receiver(post_delete, sender=User)
def deleted(instance: User, **_: Any) -> None:
    doorbell.ring({"user": str(instance.pk)})
