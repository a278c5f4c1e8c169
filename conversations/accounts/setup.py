"""What a fresh site needs before somebody can sign in: tables, an administrator, a word of welcome."""

import os
import time

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import IntegrityError, connection, transaction
from django.db.backends.utils import CursorWrapper
from django.db.migrations.executor import MigrationExecutor

from chatsite.env import Env
from conversations import audit, site
from conversations.accounts.invitations import setup_link
from conversations.models import User
from conversations.models.accounts import USERNAME_VALIDATORS
from conversations.provider import catalogue, endpoints
from conversations.provider.interface import Model

# So that two processes that start at once do not migrate at once.
MIGRATING = 0x63686174
TRY_SECONDS = 0.2


def prepare() -> str:
    """Migrate, make the first administrator, and say how to go on. Safe to repeat and to run twice."""
    _migrate()
    with transaction.atomic():
        sign_in = _how_to_sign_in(Env.beside(settings.BASE_DIR))
    return _banner(sign_in)


def _migrate() -> None:
    executor = MigrationExecutor(connection)
    if not executor.migration_plan(executor.loader.graph.leaf_nodes()):
        return
    with connection.cursor() as cursor:
        while not _mine_to_migrate(cursor):
            time.sleep(TRY_SECONDS)
        try:
            call_command("migrate", verbosity=0, interactive=False)
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s)", [MIGRATING])


def _mine_to_migrate(cursor: CursorWrapper) -> bool:
    """Tried again and again: a statement that waits for the lock is what an index waits for that is made
    beside the traffic, by whoever has the lock. Postgres would end one of the two."""
    cursor.execute("SELECT pg_try_advisory_lock(%s)", [MIGRATING])
    return bool(cursor.fetchone()[0])


def _how_to_sign_in(env: Env) -> str:
    admin = User.objects.filter(is_superuser=True, is_active=True).order_by("date_joined").first()
    if admin is not None:
        return f"Sign in as {admin.username} at {settings.PUBLIC_URL}/accounts/login/"
    name = env.text("DJANGO_SUPERUSER_USERNAME")
    password = env.text("DJANGO_SUPERUSER_PASSWORD")
    if name and password:
        _make_admin(name, env.text("DJANGO_SUPERUSER_EMAIL"), password)
        return f"Sign in as {name} with the password from DJANGO_SUPERUSER_PASSWORD."
    return f"Make your account, the first administrator, once with this link:\n  {setup_link()}"


def _make_admin(name: str, email: str, password: str) -> None:
    try:
        for validate in USERNAME_VALIDATORS:
            validate(name)
    except ValidationError as problem:
        raise CommandError(f"DJANGO_SUPERUSER_USERNAME={name!r}: {problem.message}") from None
    try:
        with transaction.atomic():
            made = User.objects.create_superuser(name, email, password)
            audit.record(None, "user.add", made, owner=made, reason="DJANGO_SUPERUSER_USERNAME")
    except IntegrityError:
        raise CommandError(
            "The administrator of DJANGO_SUPERUSER_USERNAME or _EMAIL exists already, but is not an "
            "active administrator. Choose another name, or restore that account."
        ) from None


def _banner(sign_in: str) -> str:
    model = catalogue.usual_model()
    if model is None:
        answers = "No model is on offer. Enable one, and connect its provider, in the admin."
    elif model.builtin:
        answers = (
            f"{model.name} answers: very small, for trying out. To connect a real model, stop, set\n"
            "  OPENAI_API_KEY (and OPENAI_BASE_URL for a compatible server) and start again."
        )
    else:
        address = model.endpoint.base_url if model.endpoint else ""
        where = f" at {address}" if address else ""
        answers = f"{_who(model)}{where} answers."
    admin = f"{settings.PUBLIC_URL}/admin/"
    lines = (
        "",
        f"{site.now().name} is ready: {settings.PUBLIC_URL}/",
        sign_in,
        answers,
        f"Admin: {admin}",
    )
    return "\n".join([*lines, f"Stop with Ctrl-C. Process {os.getpid()}.", ""])


def _who(model: Model) -> str:
    """Nobody has asked a server of one's own yet which models it has."""
    is_entered = model.id == settings.DEFAULT_MODEL or model.provider != endpoints.OPENAI
    return model.name if is_entered or not endpoints.elsewhere() else "The server"
