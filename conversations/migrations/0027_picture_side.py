"""How large a picture a model sees. A column without a default: older processes need not know of it."""

from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("conversations", "0026_pictures_kept")]

    operations = [
        migrations.AddField(
            "languagemodel",
            "picture_side",
            models.PositiveSmallIntegerField(
                blank=True,
                choices=[
                    (512, "512"),
                    (768, "768"),
                    (1024, "1024"),
                    (1280, "1280"),
                    (1568, "1568"),
                ],
                null=True,
                verbose_name="longest side of a picture",
            ),
        ),
    ]
