import django.db.models.deletion
import django.utils.timezone
from django.db import migrations, models

import conversations.ids


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0022_allowance"),
    ]

    operations = [
        migrations.CreateModel(
            name="Summary",
            fields=[
                (
                    "id",
                    models.UUIDField(
                        default=conversations.ids.uuid7,
                        editable=False,
                        primary_key=True,
                        serialize=False,
                    ),
                ),
                ("digest", models.CharField(max_length=64)),
                ("messages", models.PositiveIntegerField(verbose_name="how many it stands for")),
                ("text", models.TextField()),
                ("model", models.CharField(max_length=100)),
                ("tokens", models.PositiveIntegerField(null=True)),
                (
                    "created_at",
                    models.DateTimeField(default=django.utils.timezone.now, editable=False),
                ),
                ("undone_at", models.DateTimeField(blank=True, null=True)),
                (
                    "conversation",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="summaries",
                        to="conversations.conversation",
                    ),
                ),
                (
                    "until",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="summaries",
                        to="conversations.message",
                        verbose_name="the last message that it stands for",
                    ),
                ),
            ],
            options={
                "verbose_name_plural": "summaries",
                "constraints": [
                    models.UniqueConstraint(
                        condition=models.Q(("undone_at__isnull", True)),
                        fields=("until",),
                        name="one_summary_a_place",
                    )
                ],
            },
        ),
    ]
