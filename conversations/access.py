"""The one way to a row. Absent and not yours look the same: NotFound."""

from uuid import UUID

from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Length
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from conversations import oversight, site
from conversations.errors import NotFound, NotLoggedIn, Words
from conversations.ids import hashed, parsed
from conversations.models import (
    Conversation,
    Folder,
    Image,
    ImportJob,
    Message,
    MessageFile,
    MessageImage,
    Notice,
    PictureQuestion,
    Preferences,
    Run,
    SavedPrompt,
    Share,
    Summary,
    TextFile,
    User,
)
from conversations.models.conversation import LIVE, TAKEN_BACK_WITHIN, Conversations, present

NO_CONVERSATION = _("This conversation is not here (any more).")
NO_MESSAGE = _("This message is not here (any more).")
NO_SUMMARY = _("This summary is not here (any more).")
NO_RUN = _("This answer is not here (any more).")
NO_FOLDER = _("This folder is not here (any more).")
NO_PROMPT = _("This prompt is not here (any more).")
NO_IMAGE = _("This picture is not here (any more).")
NO_NOTICE = _("This notice is not here (any more).")
NO_LINK = _("This link leads nowhere (any more).")
NO_IMPORT = _("This import is not here (any more).")
NO_FILE = _("This file is not here (any more).")
NO_IMAGE_OF_SEVERAL = _("Picture {number} of {of} is not here (any more).")
NO_FILE_OF_SEVERAL = _("A file is not here (any more).")


def _id(value: object, sentence: Words) -> UUID:
    found = value if isinstance(value, UUID) else parsed(value)
    if found is None:
        raise NotFound(sentence)
    return found


def refuse_who_left(user: User, *, lock: bool = False) -> None:
    """Raises NotLoggedIn for whom this door was closed since they came in by it: deactivated, or erased.
    `lock`: one at a time of what they do here, until the transaction ends; who erases them waits, too."""
    rows = User.objects.filter(pk=user.pk, is_active=True)
    if not list((rows.select_for_update(no_key=True) if lock else rows).values("pk")):
        raise NotLoggedIn


def preferences_for(user: User) -> Preferences:
    """Somebody's own; who never chose anything has what is usual. Asked anew: a `user` may live as long
    as a socket."""
    return Preferences.objects.filter(user=user).first() or Preferences(user=user)


def prompts_for(user: User) -> QuerySet[SavedPrompt]:
    """Those that somebody can use, by name: their own, and those that are there for all."""
    return SavedPrompt.objects.filter(Q(owner=user) | Q(owner=None)).order_by("name", "owner_id")


def picture_questions() -> QuerySet[PictureQuestion]:
    """What may be asked about pictures by one click: the same for everybody."""
    return PictureQuestion.objects.filter(enabled=True).order_by("position", "pk")


def own_prompt_for(user: User, id: object) -> SavedPrompt:
    """One that somebody may change: what is there for all is not theirs. Locked for update."""
    mine = SavedPrompt.objects.select_for_update().filter(owner=user, pk=_id(id, NO_PROMPT))
    found = mine.first()
    if found is None:
        raise NotFound(NO_PROMPT)
    return found


def notices_for(user: User) -> QuerySet[Notice]:
    """What they are told of a review and have not put away yet, newest first."""
    return Notice.objects.filter(owner=user).select_related("conversation").order_by("-at")


def notice_for(user: User, id: object) -> Notice:
    found = notices_for(user).filter(pk=_id(id, NO_NOTICE)).first()
    if found is None:
        raise NotFound(NO_NOTICE)
    return found


def conversations_for(user: User) -> Conversations:
    """Those that are there: deleted ones, and temporary ones whose time is over, are not."""
    return Conversation.objects.present().filter(owner=user)


def conversation_for(user: User, id: object, *, lock: bool = False) -> Conversation:
    """`lock` takes the row for update: the caller is in a transaction and means to write below it."""
    rows = conversations_for(user).filter(pk=_id(id, NO_CONVERSATION))
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound(NO_CONVERSATION)
    return found


def deleted_conversation_for(user: User, id: object) -> Conversation:
    """One that can still be taken back, locked for that."""
    since = timezone.now() - TAKEN_BACK_WITHIN
    rows = Conversation.objects.filter(owner=user, deleted_at__gt=since)
    wanted = rows.filter(pk=_id(id, NO_CONVERSATION))
    found = wanted.select_for_update(of=("self",)).first()
    if found is None:
        raise NotFound(NO_CONVERSATION)
    return found


def folders_for(user: User) -> QuerySet[Folder]:
    """In their order."""
    return Folder.objects.filter(owner=user).order_by("position", "id")


def folder_for(user: User, id: object, *, lock: bool = False) -> Folder:
    """`lock` as in `message_for`. Who locks a conversation, too, locks its folder before."""
    rows = folders_for(user).filter(pk=_id(id, NO_FOLDER))
    found = (rows.select_for_update(no_key=True) if lock else rows).first()
    if found is None:
        raise NotFound(NO_FOLDER)
    return found


def message_for(user: User, id: object, *, lock: bool = False) -> Message:
    """`lock` keeps it there until the transaction ends, for who writes a row that names it."""
    rows = Message.objects.filter(pk=_id(id, NO_MESSAGE), conversation__owner=user)
    rows = rows.filter(present("conversation__")).select_related("conversation")
    found = (rows.select_for_update(of=("self",), no_key=True) if lock else rows).first()
    if found is None:
        raise NotFound(NO_MESSAGE)
    return found


def summary_for(user: User, conversation: object, id: object) -> Summary:
    """One that stands in a conversation of theirs, locked to be undone."""
    place = conversation_for(user, conversation)
    rows = Summary.objects.filter(conversation=place, undone_at=None, pk=_id(id, NO_SUMMARY))
    found = rows.select_for_update(of=("self",)).select_related("conversation").first()
    if found is None:
        raise NotFound(NO_SUMMARY)
    return found


def pictures_of(user: User) -> QuerySet[Image]:
    """What stood in a conversation that is gone is gone with it, though a hold may keep its row: unless it
    stands elsewhere, or was brought anew since."""
    places = MessageImage.objects.filter(image=OuterRef("pk"))
    return Image.objects.filter(_still_there(places), owner=user)


def files_of(user: User) -> QuerySet[TextFile]:
    """As `pictures_of`."""
    places = MessageFile.objects.filter(file=OuterRef("pk"))
    return TextFile.objects.filter(_still_there(places), owner=user)


def _still_there(places: QuerySet[MessageImage] | QuerySet[MessageFile]) -> Q:
    brought, place = OuterRef("created_at"), "message__conversation__"
    gone = Q(**{f"{place}deleted_at__gte": brought}) | Q(**{f"{place}expires_at__gte": brought})
    return Q(Exists(places.filter(present(place)))) | ~Q(Exists(places.filter(gone)))


def image_for(user: User, id: object, *, lock: bool = False) -> Image:
    """`lock` takes the row for update: nobody sends the picture meanwhile."""
    rows = pictures_of(user).filter(pk=_id(id, NO_IMAGE)).select_related("blob")
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound(NO_IMAGE)
    return found


def image_shown_to(user: User, id: object, *, as_staff: bool) -> Image:
    """As `image_for`; `as_staff`, who may read transcripts also sees what stands in a message, if it belongs
    to somebody whom they see."""
    if as_staff and user.is_staff and user.has_perm("conversations.view_message"):
        shown = present("uses__message__conversation__") & oversight.theirs(user, "owner")
        sent = Image.objects.filter(shown, pk=_id(id, NO_IMAGE), uses__isnull=False)
        if found := sent.select_related("blob").first():
            return found
    return image_for(user, id)


def images_for(user: User, ids: list[str], *, lock: bool = False) -> list[Image]:
    """The images in the order asked for; each must be the user's own.

    `lock` holds them until the end of the transaction: none is deleted while a message takes it.
    """
    if not ids:
        return []
    wanted = [_id(id, NO_IMAGE) for id in ids]
    rows = pictures_of(user).filter(pk__in=wanted).select_related("blob").order_by("pk")
    held = rows.select_for_update(of=("self",), no_key=True) if lock else rows
    found = {image.pk: image for image in held}
    for number, id in enumerate(wanted, 1):
        if id not in found:
            sentence = NO_IMAGE_OF_SEVERAL if len(wanted) > 1 else NO_IMAGE
            raise NotFound(sentence, names={"number": number, "of": len(wanted)})
    return [found[id] for id in wanted]


def file_shown_to(user: User, id: object, *, as_staff: bool) -> TextFile:
    """The user's own; staff as in `image_shown_to`."""
    wanted = _id(id, NO_FILE)
    found = files_of(user).filter(pk=wanted).select_related("owner").first()
    if found is None and as_staff and user.is_staff and user.has_perm("conversations.view_message"):
        shown = present("uses__message__conversation__") & oversight.theirs(user, "owner")
        rows = TextFile.objects.filter(shown, pk=wanted, uses__isnull=False)
        found = rows.select_related("owner").first()
    if found is None:
        raise NotFound(NO_FILE)
    return found


def files_for(user: User, ids: list[str]) -> list[TextFile]:
    """The files in the order asked for, without what is written in them; each must be the user's own.

    Held until the end of the transaction, so that none is cleared away while a message takes it.
    """
    if not ids:
        return []
    wanted = [_id(id, NO_FILE_OF_SEVERAL) for id in ids]
    rows = files_of(user).filter(pk__in=wanted).defer("text").order_by("pk")
    found = {file.pk: file for file in rows.select_for_update(no_key=True)}
    if len(found) != len(set(wanted)):
        raise NotFound(NO_FILE_OF_SEVERAL)
    return [found[id] for id in wanted]


def live_runs_for(user: User) -> QuerySet[Run]:
    """Of one's answers, those under way."""
    rows = Run.objects.filter(user=user, status__in=LIVE)
    return rows.filter(present("conversation__")).order_by("id")


def run_for(user: User, id: object) -> Run:
    rows = Run.objects.filter(pk=_id(id, NO_RUN), user=user)
    rows = rows.filter(present("conversation__"))
    found = rows.select_related("message", "conversation").first()
    if found is None:
        raise NotFound(NO_RUN)
    return found


def shares_for(user: User) -> QuerySet[Share]:
    """With how the last message that each shows stands now (reading/shared.py, `is_current`)."""
    rows = Share.objects.filter(present("conversation__"), owner=user)
    return rows.annotate(length_now=Length("leaf__text"), status_now=F("leaf__status"))


def share_for(user: User, id: object, *, lock: bool = False) -> Share:
    """A link of the user's own. `lock` as in `conversation_for`."""
    rows = shares_for(user).filter(pk=_id(id, NO_LINK)).select_related("conversation")
    found = (rows.select_for_update(of=("self",)) if lock else rows).first()
    if found is None:
        raise NotFound(NO_LINK)
    return found


def share_behind(token: str, reader: User | None) -> Share:
    """What a link opens, to whoever holds it. Raises NotFound when it was withdrawn or has ended, or
    its owner is gone; NotLoggedIn when this site shares only among its own people."""
    sharing = site.now().sharing
    if sharing == "off":
        raise NotFound(NO_LINK)
    if sharing == "signed_in" and reader is None:
        raise NotLoggedIn
    good = Q(expires_at=None) | Q(expires_at__gt=timezone.now())
    good &= present("conversation__") & Q(owner__is_active=True)
    rows = Share.objects.filter(good, token_hash=hashed(token))
    found = rows.select_related("conversation", "owner").first()
    if found is None:
        raise NotFound(NO_LINK)
    return found


def import_for(user: User, id: object) -> ImportJob:
    found = ImportJob.objects.filter(pk=_id(id, NO_IMPORT), owner=user).first()
    if found is None:
        raise NotFound(NO_IMPORT)
    return found
