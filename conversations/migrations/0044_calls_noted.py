"""Small calls beside the runs are noted before they are made, with what the ledger is told of one whose
process dies over it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0043_exporting")]

    operations = [
        migrations.AddField(
            model_name="reservation",
            name="conversation",
            field=models.UUIDField(null=True),
        ),
        migrations.AddField(
            model_name="reservation",
            name="reads",
            field=models.PositiveIntegerField(default=0, db_default=0),
        ),
    ]
