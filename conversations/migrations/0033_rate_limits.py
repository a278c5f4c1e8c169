"""What administrators allow within a minute, and what was asked within the last one."""

import django.core.validators
import django.db.models.deletion
import django.utils.timezone
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("auth", "0012_alter_user_first_name_max_length"),
        ("conversations", "0032_audit_found"),
    ]

    operations = [
        migrations.CreateModel(
            name="RateCount",
            fields=[
                ("key", models.CharField(max_length=60, primary_key=True, serialize=False)),
                ("spent", models.JSONField(default=list)),
                ("answer_tokens", models.FloatField(default=500.0)),
                ("at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
        ),
        migrations.CreateModel(
            name="RateHold",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                ("key", models.CharField(max_length=60)),
                ("run", models.UUIDField()),
                ("second", models.BigIntegerField()),
                ("tokens", models.PositiveIntegerField()),
            ],
            options={
                "indexes": [models.Index(fields=["key"], name="rate_hold_of_key")],
                "constraints": [
                    models.UniqueConstraint(fields=("run", "key"), name="a_run_counts_once")
                ],
            },
        ),
        migrations.CreateModel(
            name="RateLimit",
            fields=[
                (
                    "id",
                    models.BigAutoField(
                        auto_created=True, primary_key=True, serialize=False, verbose_name="ID"
                    ),
                ),
                (
                    "whom",
                    models.CharField(
                        choices=[
                            ("everybody", "each person"),
                            ("each", "each member of a group"),
                            ("person", "one person"),
                            ("together", "the members of a group together"),
                            ("address", "each address"),
                        ],
                        max_length=10,
                        verbose_name="whom it counts for",
                    ),
                ),
                ("network", models.CharField(blank=True, max_length=43, verbose_name="network")),
                (
                    "messages",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(10000)],
                        verbose_name="messages a minute",
                    ),
                ),
                (
                    "tokens",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(2000000000)],
                        verbose_name="tokens a minute",
                    ),
                ),
                (
                    "runs",
                    models.PositiveIntegerField(
                        blank=True,
                        null=True,
                        validators=[django.core.validators.MaxValueValidator(10000)],
                        verbose_name="answers at once",
                    ),
                ),
                ("note", models.CharField(blank=True, max_length=200, verbose_name="note")),
                (
                    "group",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rate_limits",
                        to="auth.group",
                        verbose_name="group",
                    ),
                ),
                (
                    "user",
                    models.ForeignKey(
                        blank=True,
                        null=True,
                        on_delete=django.db.models.deletion.CASCADE,
                        related_name="rate_limits",
                        to=settings.AUTH_USER_MODEL,
                        verbose_name="person",
                    ),
                ),
            ],
            options={
                "verbose_name": "rate limit",
                "verbose_name_plural": "rate limits",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            models.Q(
                                ("group", None),
                                ("network", ""),
                                ("user__isnull", False),
                                ("whom", "person"),
                            ),
                            models.Q(
                                ("group__isnull", False),
                                ("network", ""),
                                ("user", None),
                                ("whom__in", ("each", "together")),
                            ),
                            models.Q(
                                ("group", None),
                                ("network", ""),
                                ("user", None),
                                ("whom", "everybody"),
                            ),
                            models.Q(("group", None), ("user", None), ("whom", "address")),
                            _connector="OR",
                        ),
                        name="a_rate_limit_says_whom",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("whom", "person")),
                        fields=("user",),
                        name="one_rate_limit_a_person",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("whom__in", ("each", "together"))),
                        fields=("whom", "group"),
                        name="one_rate_limit_a_group",
                    ),
                    models.UniqueConstraint(
                        condition=models.Q(("whom__in", ("everybody", "address"))),
                        fields=("whom", "network"),
                        name="one_rate_limit_a_network",
                    ),
                ],
            },
        ),
    ]
