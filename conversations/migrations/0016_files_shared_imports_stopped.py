"""Names and choices of columns. Nothing changes in Postgres."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0015_notes_stay_here"),
    ]

    operations = [
        migrations.AlterField(
            model_name="importjob",
            name="status",
            field=models.CharField(
                choices=[
                    ("waiting", "Waiting"),
                    ("running", "Running"),
                    ("complete", "Complete"),
                    ("failed", "Failed"),
                    ("interrupted", "Interrupted"),
                    ("stopped", "Stopped"),
                ],
                default="waiting",
                max_length=12,
            ),
        ),
        migrations.AlterField(
            model_name="share",
            name="with_images",
            field=models.BooleanField(default=False, verbose_name="with the pictures and files"),
        ),
    ]
