"""What was said before search knew of it is made findable, newest first, a batch a transaction.

Nobody waits for it: what is written meanwhile is findable by itself, and a migration that was cut goes on
where it was.
"""

from typing import ClassVar
from uuid import UUID

from django.apps.registry import Apps
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

BATCH = 500
TITLES = "SELECT chatsite_make_title_findable(id) FROM conversations_conversation WHERE title <> ''"
# Ids sort by the time they were made.
NEWEST = """
SELECT id FROM conversations_message WHERE id < %s AND status <> 'running' ORDER BY id DESC LIMIT %s
"""
MESSAGES = """
SELECT chatsite_make_findable(said) FROM unnest(%s::uuid[]) AS said
 WHERE NOT EXISTS (SELECT FROM conversations_findable WHERE message_id = said)
"""
LAST = "ffffffff-ffff-ffff-ffff-ffffffffffff"


def make_findable(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    below: UUID | str = LAST
    with editor.connection.cursor() as cursor:
        cursor.execute(TITLES)
        while True:
            cursor.execute(NEWEST, [below, BATCH])
            batch = [id for (id,) in cursor.fetchall()]
            if not batch:
                return
            cursor.execute(MESSAGES, [batch])
            below = batch[-1]


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0009_findable")]
    operations: ClassVar = [migrations.RunPython(make_findable, migrations.RunPython.noop)]
