import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0023_summaries"),
    ]

    operations = [
        migrations.CreateModel(
            name="Circuit",
            fields=[
                (
                    "provider",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.CASCADE,
                        primary_key=True,
                        related_name="circuit",
                        serialize=False,
                        to="conversations.provider",
                    ),
                ),
                ("opened_at", models.DateTimeField(null=True)),
                ("left_until", models.DateTimeField(null=True)),
                ("is_tried", models.BooleanField(db_default=False, default=False)),
                ("rests", models.PositiveSmallIntegerField(db_default=0, default=0)),
                ("key_refused_at", models.DateTimeField(null=True)),
                ("mailed_at", models.DateTimeField(null=True)),
                ("error", models.TextField(blank=True)),
            ],
        ),
        migrations.AddField(
            model_name="message",
            name="instead_of",
            field=models.CharField(blank=True, db_default="", default="", max_length=100),
        ),
        migrations.AddField(
            model_name="provider",
            name="failures_in_a_row",
            field=models.PositiveSmallIntegerField(
                blank=True,
                db_default=10,
                default=10,
                verbose_name="failures in a row until it is left alone",
            ),
        ),
    ]
