"""E-mails made outside the sign-up form kept their capitals, and nobody could sign in by them."""

from typing import ClassVar

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.models.functions import Lower


def in_lower_case(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    """No two can become one: a constraint has compared them in lower case from the first day."""
    people = apps.get_model("conversations", "User").objects.using(editor.connection.alias)
    people.exclude(email=Lower("email")).update(email=Lower("email"))


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0002_ground")]
    operations: ClassVar = [migrations.RunPython(in_lower_case, migrations.RunPython.noop)]
