"""Rows as the objects of PROTOCOL.md: the same in the page, the API, acks and frames."""

from typing import Any

from conversations.models import Conversation, Feedback, Folder, Message, Run, Summary
from conversations.models.conversation import Role
from conversations.reading.costs import shown
from conversations.reading.file_object import file_object
from conversations.reading.image_object import image_object
from conversations.reading.moments import when

Object = dict[str, Any]


def conversation_object(conversation: Conversation) -> Object:
    active = conversation.active_message_id
    return {
        "id": str(conversation.pk),
        "title": conversation.title,
        "pinned": conversation.pinned,
        "archived": conversation.archived,
        "model": conversation.model,
        "system_prompt": conversation.system_prompt,
        "options": conversation.options,
        "active_message": str(active) if active else None,
        "folder": str(conversation.folder_id) if conversation.folder_id else None,
        "pinned_at": when(conversation.pinned_at),
        "expires_at": when(conversation.expires_at),
        "created_at": when(conversation.created_at),
        "updated_at": when(conversation.updated_at),
    }


def folder_object(folder: Folder) -> Object:
    return {
        "id": str(folder.pk),
        "name": folder.name,
        "position": folder.position,
        "folded": folder.folded,
    }


def run_object(run: Run) -> Object:
    return {
        "id": str(run.pk),
        "conversation": str(run.conversation_id),
        "message": str(run.message_id),
        "status": run.status,
        "model": run.model,
        "started_at": when(run.started_at),
        "finished_at": when(run.finished_at),
    }


def message_object(message: Message) -> Object:
    """A message that `reading.branch.complete` has seen. It needs its attachments (branch.py)."""
    error = {"code": message.error_code, "message": message.error_message}
    return {
        "id": str(message.pk),
        "conversation": str(message.conversation_id),
        "parent": str(message.parent_id) if message.parent_id else None,
        "role": message.role,
        "text": message.text,
        "reasoning": message.reasoning,
        "images": [image_object(picture.image) for picture in message.pictures.all()],
        "files": [file_object(use.file) for use in message.files.all()],
        "tool_calls": message.tool_calls,
        "status": message.status,
        "finish_reason": message.finish_reason or None,
        "error": error if message.error_code else None,
        "model": message.model or None,
        "instead_of": message.instead_of or None,
        "created_at": when(message.created_at),
        "usage": usage_object(message),
        "cost": shown(message.cost_micros),
        "seconds": getattr(message, "seconds", None),
        "left_out": message.left_out,
        "cached": message.cached,
        "redacted": when(message.redacted_at),
        "asks": message.asks or None,
        "sight": message.sight or None,
        "siblings": [str(id) for id in getattr(message, "siblings", [message.pk])],
        "feedback": feedback_object(getattr(message, "opinion", None)),
        "summary": summary_object(getattr(message, "summary", None)),
    }


def summary_object(summary: Summary | None) -> Object | None:
    """What the model reads in place of a message and of all above it; None: nothing."""
    if summary is None:
        return None
    return {
        "id": str(summary.pk),
        "text": summary.text,
        "messages": summary.messages,
        "model": summary.model,
        "created_at": when(summary.created_at),
    }


def feedback_object(opinion: Feedback | None) -> Object | None:
    """What the owner of a conversation thinks of an answer; None: nothing was said."""
    if opinion is None:
        return None
    at = when(opinion.reported_at)
    report = {"reason": opinion.report, "comment": opinion.report_comment, "at": at}
    return {
        "rating": opinion.rating or None,
        "reasons": opinion.reasons,
        "comment": opinion.comment,
        "report": report if opinion.report else None,
        "updated_at": when(opinion.updated_at),
    }


def usage_object(message: Message) -> Object | None:
    if message.role != Role.ASSISTANT or message.input_tokens is None:
        return None
    return {
        "input_tokens": message.input_tokens,
        "cached_input_tokens": message.cached_input_tokens or 0,
        "output_tokens": message.output_tokens or 0,
        "reasoning_tokens": message.reasoning_tokens or 0,
    }
