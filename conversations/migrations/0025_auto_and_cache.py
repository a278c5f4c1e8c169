import django.utils.timezone
from django.db import migrations, models

KINDS = [
    ("openai", "OpenAI"),
    ("azure", "Azure OpenAI"),
    ("compatible", "a server that speaks as OpenAI does"),
    ("builtin", "the model that is built in"),
    ("auto", "rules that choose between two models"),
]


class Migration(migrations.Migration):
    dependencies = [("conversations", "0024_fall_back")]

    operations = [
        migrations.CreateModel(
            name="CachedAnswer",
            fields=[
                ("key", models.CharField(max_length=64, primary_key=True, serialize=False)),
                ("message", models.UUIDField()),
                ("created_at", models.DateTimeField(default=django.utils.timezone.now)),
            ],
            options={"verbose_name": "cached answer", "verbose_name_plural": "cached answers"},
        ),
        migrations.AddField(
            "message", "cached", models.BooleanField(db_default=False, default=False)
        ),
        migrations.AddField(
            "languagemodel", "rules", models.JSONField(blank=True, null=True, verbose_name="rules")
        ),
        migrations.AddField(
            "providercall",
            "prompt",
            models.CharField(blank=True, db_default="", default="", max_length=40),
        ),
        migrations.AlterField(
            "provider",
            "kind",
            models.CharField(choices=KINDS, max_length=12, verbose_name="kind"),
        ),
    ]
