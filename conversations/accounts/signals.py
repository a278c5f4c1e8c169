"""When somebody's right to be here changes, every process hears it: sockets, answers and imports end."""

from typing import Any

from allauth.usersessions.models import UserSession
from django.contrib.auth import SESSION_KEY
from django.contrib.sessions.models import Session
from django.db.models.signals import post_delete, post_save
from django.dispatch import receiver

from conversations.accounts import deactivation
from conversations.events import doorbell
from conversations.models import User


@receiver(post_delete, sender=Session)
def logged_out(instance: Session, **_: Any) -> None:
    """Not at `user_logged_out`: that is sent while the session is still good for whoever looks."""
    UserSession.objects.filter(session_key=instance.pk).delete()
    if user := instance.get_decoded().get(SESSION_KEY):
        doorbell.ring({"user": str(user)})


@receiver(post_save, sender=User)
def changed(instance: User, update_fields: frozenset[str] | None, **_: Any) -> None:
    if update_fields != frozenset({"last_login"}):
        doorbell.ring({"user": str(instance.pk)})
    if not instance.is_active:
        deactivation.end_work_of([instance])


@receiver(post_delete, sender=User)
def deleted(instance: User, **_: Any) -> None:
    doorbell.ring({"user": str(instance.pk)})
