"""Indexes that are made beside the traffic, also by who comes after one that was cut."""

from typing import Any

from django.contrib.postgres.operations import AddIndexConcurrently


class AddIndexBeside(AddIndexConcurrently):
    """What was cut leaves an index of this name that serves nobody, and what was cut later leaves a good one:
    each would end the next migration, and with it every start of the new version."""

    def database_forwards(
        self, app_label: str, schema_editor: Any, from_state: Any, to_state: Any
    ) -> None:
        name = schema_editor.quote_name(self.index.name)
        schema_editor.execute(f"DROP INDEX CONCURRENTLY IF EXISTS {name}")
        super().database_forwards(app_label, schema_editor, from_state, to_state)
