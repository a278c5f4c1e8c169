"""Rights of their own to take the ledger, the audit and conversations along.

Who counts the money gets the first, and else nobody: to look at single rows is not to take all of them home.
"""

from typing import Any, ClassVar

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor


def let_accountants(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    config: Any = apps.get_app_config("conversations")
    config.models_module = True  # permissions are else made after all migrations only
    create_permissions(config, apps=apps, verbosity=0, using=editor.connection.alias)
    config.models_module = None
    known = apps.get_model("auth", "Permission").objects
    right = known.get(codename="export_providercall", content_type__app_label="conversations")
    groups = apps.get_model("auth", "Group").objects.filter(name="Accountants")
    for group in groups.filter(permissions__codename="view_providercall"):
        group.permissions.add(right)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0042_roles")]
    operations: ClassVar = [
        migrations.AlterModelOptions(
            name="auditentry",
            options={
                "permissions": [("export_auditentry", "Can export audit entries")],
                "verbose_name_plural": "audit entries",
            },
        ),
        migrations.AlterModelOptions(
            name="conversation",
            options={"permissions": [("export_conversation", "Can export conversations")]},
        ),
        migrations.AlterModelOptions(
            name="providercall",
            options={
                "permissions": [("export_providercall", "Can export calls to providers")],
                "verbose_name": "call to a provider",
                "verbose_name_plural": "calls to providers",
            },
        ),
        migrations.RunPython(let_accountants, migrations.RunPython.noop),
    ]
