"""The review queue's order, known before a message is read."""

from typing import ClassVar

import django.db.models.deletion
from django.db import migrations, models

# Where a page of the queue is read, Postgres puts these few rows in order and looks up the messages of that
# page. It never sorts before it joins but for a subquery that is sorted already.
SPOKEN_OF = """
CREATE VIEW conversations_spokenof AS
SELECT said.message_id, said.said_at, decided.decided_at
  FROM (SELECT message_id, max(at) AS said_at
          FROM (SELECT message_id, updated_at AS at FROM conversations_feedback
                 WHERE rating = 'down' OR reported_at IS NOT NULL
                UNION ALL
                SELECT message_id, at FROM conversations_flag) AS once
         GROUP BY message_id) AS said
  LEFT JOIN (SELECT message_id, max(at) AS decided_at FROM conversations_decision
              GROUP BY message_id) AS decided
    ON decided.message_id = said.message_id
 ORDER BY said.said_at DESC, said.message_id;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("conversations", "0045_run_errors")]
    operations: ClassVar = [
        migrations.RunSQL(SPOKEN_OF, "DROP VIEW conversations_spokenof;"),
        migrations.CreateModel(
            name="SpokenOf",
            fields=[
                (
                    "message",
                    models.OneToOneField(
                        db_constraint=False,
                        on_delete=django.db.models.deletion.DO_NOTHING,
                        primary_key=True,
                        related_name="spoken_of",
                        serialize=False,
                        to="conversations.message",
                    ),
                ),
                ("said_at", models.DateTimeField()),
                ("decided_at", models.DateTimeField(null=True)),
            ],
            options={"managed": False},
        ),
    ]
