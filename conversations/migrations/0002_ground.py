"""What the tables stand on: extensions, the cache's table, the audit's guard, the reviewers' group."""

from typing import Any, ClassVar

from django.apps.registry import Apps
from django.contrib.auth.management import create_permissions
from django.core.management import call_command
from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor

GUARD = """
CREATE FUNCTION chatsite_audit_is_for_ever() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit is only ever added to' USING ERRCODE = 'restrict_violation';
END $$;
CREATE TRIGGER audit_rows_stay BEFORE UPDATE OR DELETE ON conversations_auditentry
    FOR EACH ROW EXECUTE FUNCTION chatsite_audit_is_for_ever();
CREATE TRIGGER audit_stays BEFORE TRUNCATE ON conversations_auditentry
    FOR EACH STATEMENT EXECUTE FUNCTION chatsite_audit_is_for_ever();
"""
NO_GUARD = """
DROP TRIGGER audit_stays ON conversations_auditentry;
DROP TRIGGER audit_rows_stay ON conversations_auditentry;
DROP FUNCTION chatsite_audit_is_for_ever();
"""
# `vector` serves document search later and may be missing; `pg_trgm` is needed.
EXTENSIONS = """
CREATE EXTENSION IF NOT EXISTS pg_trgm;
DO $$ BEGIN
    IF EXISTS (SELECT FROM pg_available_extensions WHERE name = 'vector') THEN
        CREATE EXTENSION IF NOT EXISTS vector;
    END IF;
EXCEPTION WHEN insufficient_privilege THEN
    RAISE NOTICE 'the extension vector needs a database administrator; going on without it';
END $$;
"""

REVIEWERS = "Reviewers"
# What a reviewer may look at. Nothing of it can be changed with these.
SEEN = (
    "user",
    "conversation",
    "message",
    "messageimage",
    "image",
    "blob",
    "run",
    "providercall",
    "auditentry",
)


def make_cache_table(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    call_command(
        "createcachetable", "chatsite_cache", database=editor.connection.alias, verbosity=0
    )


def make_reviewers(apps: Apps, editor: BaseDatabaseSchemaEditor) -> None:
    config: Any = apps.get_app_config("conversations")
    config.models_module = True  # permissions are else made after all migrations only
    create_permissions(config, apps=apps, verbosity=0, using=editor.connection.alias)
    config.models_module = None
    group, _ = apps.get_model("auth", "Group").objects.get_or_create(name=REVIEWERS)
    permissions = apps.get_model("auth", "Permission").objects.filter(
        content_type__app_label="conversations", codename__in=[f"view_{name}" for name in SEEN]
    )
    group.permissions.set(permissions)


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0001_initial"), ("sessions", "0001_initial")]
    operations: ClassVar = [
        migrations.RunSQL(EXTENSIONS, migrations.RunSQL.noop),
        migrations.RunSQL(GUARD, NO_GUARD),
        migrations.RunPython(make_cache_table, migrations.RunPython.noop),
        migrations.RunPython(make_reviewers, migrations.RunPython.noop),
    ]
