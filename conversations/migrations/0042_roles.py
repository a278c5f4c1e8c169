"""Ready-made groups: who counts the money, and who helps people in. What an administrator changes of them
later stays as they made it."""

from typing import Any, ClassVar

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GROUPS = {
    "Accountants": (
        "view_providercall", "view_dailyuse", "view_price", "view_languagemodel", "view_provider",
        "view_ratelimit", "view_budget", "add_budget", "change_budget", "delete_budget",
    ),
    "Helpdesk": (
        "view_user", "change_user", "view_invitation", "add_invitation", "delete_invitation",
    ),
}  # fmt: skip


def make_groups(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    config: Any = apps.get_app_config("conversations")
    config.models_module = True  # permissions are else made after all migrations only
    create_permissions(config, apps=apps, verbosity=0, using=editor.connection.alias)
    config.models_module = None
    known = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="conversations"
    )
    for name, codenames in GROUPS.items():
        group, is_new = apps.get_model("auth", "Group").objects.get_or_create(name=name)
        if is_new:
            group.permissions.set(known.filter(codename__in=codenames))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0041_request_instructions")]
    operations: ClassVar = [migrations.RunPython(make_groups, migrations.RunPython.noop)]
