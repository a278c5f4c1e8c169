"""Rows go into Postgres by COPY, some hundred conversations a transaction."""

from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction

from conversations.management.seeding.pictures import Row

# Postgres looks whether what is named is there when all of it is.
TABLES = {
    "conversation": (
        "conversations_conversation",
        "id owner_id title pinned archived model created_at updated_at active_message_id "
        "| system_prompt= options={} title_by=person",
    ),
    "message": (
        "conversations_message",
        "id conversation_id parent_id role text status error_code model created_at input_tokens "
        "output_tokens cost_micros | reasoning= tool_calls=[] finish_reason= error_message= options={}",
    ),
    "run": (
        "conversations_run",
        "id conversation_id message_id user_id status model error_code length created_at started_at "
        "first_token_at finished_at | options={} text_before=0 reasoning_before=0 attempts=1 "
        "finish_reason= error_message=",
    ),
    "call": (
        "conversations_providercall",
        "id user_id conversation run purpose provider model at outcome input_tokens "
        "cached_input_tokens output_tokens price_version cost_micros first_token_seconds seconds "
        "| attempt=1 request_id= detail=",
    ),
    "feedback": (
        "conversations_feedback",
        "id message_id user_id rating report reported_at created_at updated_at "
        "| reasons={} comment= report_comment=",
    ),
    "flag": (
        "conversations_flag",
        "id message_id source categories score at | pattern_name=",
    ),
    "image": ("conversations_image", "id owner_id blob_id created_at | alt= source="),
    "shown": ("conversations_messageimage", "message_id image_id | position=0"),
    "audit": (
        "conversations_auditentry",
        "id at actor_id actor action object_id owner_id owner "
        "| acted_as=person object_type=user reason= detail={}",
    ),
}


def write(rows: Iterable[Row]) -> None:
    """All of them or none."""
    by_table: dict[str, list[tuple[object, ...]]] = defaultdict(list)
    for table, row in rows:
        by_table[table].append(row)
    with transaction.atomic(), connection.cursor() as cursor:
        for table, (name, columns) in TABLES.items():
            said, _bar, fixed = columns.partition("|")
            alike = dict(word.split("=", 1) for word in fixed.split())
            names = ", ".join((*said.split(), *alike))
            with cursor.copy(f"COPY {name} ({names}) FROM STDIN") as copying:
                for row in by_table[table]:
                    copying.write_row((*row, *alike.values()))
