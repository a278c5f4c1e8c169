"""Django gives each unique text, and each reference to one, a second index for how it begins. Of these nobody asks
that, and a question that is answered writes into most of them. Beside the traffic, however large the tables are."""

from typing import ClassVar

from django.db import migrations

# The index: its table and column.
UNASKED = {
    "allowance_provider_be01cc1a_like": "allowance (provider",
    "cachedanswer_key_b3878c40_like": "cachedanswer (key",
    "ratecount_key_a3d61bca_like": "ratecount (key",
    "sentrequest_instructions_id_49291d48_like": "sentrequest (instructions_id",
    "senttext_digest_c9907788_like": "senttext (digest",
}


def _gone(index: str, column: str) -> migrations.RunSQL:
    index, on = f"conversations_{index}", f"conversations_{column} varchar_pattern_ops)"
    return migrations.RunSQL(
        f"DROP INDEX CONCURRENTLY IF EXISTS {index}",
        f"CREATE INDEX CONCURRENTLY IF NOT EXISTS {index} ON {on}",
    )


class Migration(migrations.Migration):
    atomic = False
    dependencies: ClassVar = [("conversations", "0054_audit_roles")]
    operations: ClassVar = [_gone(*of) for of in UNASKED.items()]
