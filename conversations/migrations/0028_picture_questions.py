"""Questions about pictures by one click; what an answer is for, and whether its model saw them."""

from typing import Any

import django.core.validators
from django.db import migrations, models

import conversations.ids

# reading/picture_questions.py knows these sentences in other languages.
USUAL = [
    ("Describe", "answer", 1, "Describe what is to be seen here."),
    (
        "Read the text",
        "text",
        1,
        "Read all the text here, word for word, and give it as Markdown: headings, lists and tables as "
        "they stand here. Give nothing but that text.",
    ),
    (
        "Table as CSV",
        "table",
        1,
        "Extract the table here as CSV: commas between the values, the header in the first line, quotes "
        "where a value needs them. Give nothing but the CSV, in one block of code.",
    ),
    (
        "Explain the diagram",
        "answer",
        1,
        "Explain this diagram: what it shows, how its parts belong together, and what follows from it.",
    ),
    (
        "Compare",
        "compare",
        2,
        "Compare these pictures: what they have in common, and how they differ.",
    ),
    (
        "Write alt text",
        "alt",
        1,
        "Write alternative text for who cannot see this: what matters in it, in one or two sentences. "
        "Give nothing but these sentences.",
    ),
]


def bring(apps: Any, schema_editor: Any) -> None:
    rows = apps.get_model("conversations", "PictureQuestion").objects
    for place, (name, kind, least, text) in enumerate(USUAL, 1):
        rows.create(name=name, kind=kind, least=least, text=text, position=10 * place)


class Migration(migrations.Migration):
    dependencies = [
        ("conversations", "0027_picture_side"),
    ]

    operations = [
        migrations.AddField(
            model_name="message",
            name="asks",
            field=models.CharField(
                blank=True,
                choices=[
                    ("answer", "an answer"),
                    ("text", "text"),
                    ("table", "a table"),
                    ("compare", "a comparison"),
                    ("alt", "a description"),
                ],
                db_default="",
                default="",
                editable=False,
                max_length=8,
            ),
        ),
        migrations.AddField(
            model_name="message",
            name="sight",
            field=models.CharField(
                blank=True,
                choices=[("read", "the text in them was read to it"), ("none", "not at all")],
                db_default="",
                default="",
                editable=False,
                max_length=4,
            ),
        ),
        migrations.CreateModel(
            name="PictureQuestion",
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
                ("name", models.CharField(help_text="What stands on the button.", max_length=40)),
                ("text", models.TextField(help_text="What the model is asked.", max_length=4000)),
                (
                    "kind",
                    models.CharField(
                        choices=[
                            ("answer", "an answer"),
                            ("text", "text"),
                            ("table", "a table"),
                            ("compare", "a comparison"),
                            ("alt", "a description"),
                        ],
                        default="answer",
                        help_text="Text and tables open to be edited; a description can be kept with its picture.",
                        max_length=8,
                        verbose_name="its answer is",
                    ),
                ),
                (
                    "least",
                    models.PositiveSmallIntegerField(
                        default=1,
                        validators=[
                            django.core.validators.MinValueValidator(1),
                            django.core.validators.MaxValueValidator(10),
                        ],
                        verbose_name="pictures at least",
                    ),
                ),
                ("position", models.PositiveSmallIntegerField(default=0)),
                ("enabled", models.BooleanField(default=True, verbose_name="is offered")),
            ],
            options={
                "verbose_name": "question about pictures",
                "verbose_name_plural": "questions about pictures",
                "constraints": [
                    models.CheckConstraint(
                        condition=models.Q(
                            ("kind__in", ["answer", "text", "table", "compare", "alt"])
                        ),
                        name="picture_question_kind_is_known",
                    )
                ],
            },
        ),
        migrations.RunPython(bring, migrations.RunPython.noop),
    ]
