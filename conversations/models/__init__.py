"""The tables. What must stay true is said to Postgres: constraints, not hopes."""

from conversations.models.accounts import Invitation, User
from conversations.models.allowance import Allowance, Place
from conversations.models.audit import AuditEntry
from conversations.models.budgets import Budget, Reservation, Spending
from conversations.models.cache import CachedAnswer
from conversations.models.catalogue import Circuit, LanguageModel, Price, Provider
from conversations.models.conversation import Conversation, Folder, Message, MessageImage
from conversations.models.erasure import Erasure
from conversations.models.feedback import Feedback
from conversations.models.files import MessageFile, TextFile
from conversations.models.finding import Findable, Written
from conversations.models.holds import Hold
from conversations.models.images import Blob, BlockedPicture, Image
from conversations.models.keeping import ImportJob, Share
from conversations.models.limits import RateCount, RateHold, RateLimit
from conversations.models.moderation import Flag, Moderation, Pattern, Redaction
from conversations.models.picture_questions import PictureQuestion
from conversations.models.preferences import Preferences, SavedPrompt
from conversations.models.requests import SentRequest, SentText
from conversations.models.retention import RetentionRule
from conversations.models.review import Case, Decision, Note, Notice, Oversight, SpokenOf
from conversations.models.rollups import (
    CallUse,
    DailyUse,
    DailyUseNow,
    MonthlyUse,
    PersonDay,
    PersonMonth,
    PurposeDay,
    SiteUse,
    Uncounted,
)
from conversations.models.runs import Boot, Run, RunEvent
from conversations.models.sending import Claim, SendLog
from conversations.models.site import SiteSettings
from conversations.models.summaries import Summary
from conversations.models.usage import ProviderCall, Purpose

__all__ = [
    "Allowance",
    "AuditEntry",
    "Blob",
    "BlockedPicture",
    "Boot",
    "Budget",
    "CachedAnswer",
    "CallUse",
    "Case",
    "Circuit",
    "Claim",
    "Conversation",
    "DailyUse",
    "DailyUseNow",
    "Decision",
    "Erasure",
    "Feedback",
    "Findable",
    "Flag",
    "Folder",
    "Hold",
    "Image",
    "ImportJob",
    "Invitation",
    "LanguageModel",
    "Message",
    "MessageFile",
    "MessageImage",
    "Moderation",
    "MonthlyUse",
    "Note",
    "Notice",
    "Oversight",
    "Pattern",
    "PersonDay",
    "PersonMonth",
    "PictureQuestion",
    "Place",
    "Preferences",
    "Price",
    "Provider",
    "ProviderCall",
    "Purpose",
    "PurposeDay",
    "RateCount",
    "RateHold",
    "RateLimit",
    "Redaction",
    "Reservation",
    "RetentionRule",
    "Run",
    "RunEvent",
    "SavedPrompt",
    "SendLog",
    "SentRequest",
    "SentText",
    "Share",
    "SiteSettings",
    "SiteUse",
    "Spending",
    "SpokenOf",
    "Summary",
    "TextFile",
    "Uncounted",
    "User",
    "Written",
]
