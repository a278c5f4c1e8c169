"""Whether a model's window is a guess. With a default in Postgres: older processes need not know of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0028_picture_questions")]

    operations = [
        migrations.AddField(
            "languagemodel",
            "is_window_guessed",
            models.BooleanField(
                default=False, db_default=False, verbose_name="the window is a guess"
            ),
        ),
    ]
