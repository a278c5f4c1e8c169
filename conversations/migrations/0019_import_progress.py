"""How far an import is. A column with a default in Postgres: older processes need not know of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0018_files_findable"),
    ]

    operations = [
        migrations.AddField(
            model_name="importjob",
            name="progress",
            field=models.FloatField(
                db_default=0, default=0, verbose_name="how much of it was read"
            ),
        ),
    ]
