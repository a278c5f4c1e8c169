"""Reasons have one form of name, that of where they are chosen. Nothing changes in Postgres."""

import django.contrib.postgres.fields
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0016_files_shared_imports_stopped"),
    ]

    operations = [
        migrations.AlterField(
            model_name="feedback",
            name="reasons",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.CharField(
                    choices=[
                        ("correct", "Correct"),
                        ("clear", "Easy to follow"),
                        ("complete", "Complete"),
                        ("wrong", "Not correct"),
                        ("missed", "Missed the question"),
                        ("outdated", "Out of date"),
                        ("length", "Too long or too short"),
                        ("style", "Style or tone"),
                        ("refused", "Refused without need"),
                        ("other", "Something else"),
                    ],
                    max_length=20,
                ),
                blank=True,
                default=list,
                size=None,
            ),
        ),
        migrations.AlterField(
            model_name="feedback",
            name="report",
            field=models.CharField(
                blank=True,
                choices=[
                    ("harmful", "Dangerous or harmful"),
                    ("hateful", "Hateful or insulting"),
                    ("sexual", "Sexual"),
                    ("private", "Somebody’s private data"),
                    ("illegal", "Against the law"),
                    ("other", "Something else"),
                ],
                max_length=20,
                verbose_name="reported as",
            ),
        ),
    ]
