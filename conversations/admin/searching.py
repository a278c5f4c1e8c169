"""Words typed above a long list: which people and models they could mean is looked up first.

By a join, Postgres would hold the words against the name of the person of every row, and against every row's
model; where nothing is found it would have read the whole table to know that.
"""

from django.db.models import Q
from django.utils.text import smart_split, unescape_string_literal

from conversations.models import LanguageModel, SiteUse, User

# Of so many Postgres is told the ids, and goes to their rows. More are most rows anyway.
FEW = 200
# Each word is looked for in each column: 1,500 of them, which an address has room for, kept Postgres busy for
# half a minute. Nobody finds less by leaving out the later ones.
MOST_WORDS = 12
NAMES = ("username", "email")
WHOLE = "__exact"


def bounded(typed: str) -> str:
    """The first words of it."""
    return " ".join(list(smart_split(typed))[:MOST_WORDS])


def meant(fields: tuple[str, ...], typed: str) -> Q:
    """Rows in which each of the words is found; what stands in quotes is one."""
    found = Q()
    for bit in smart_split(typed):
        quoted = bit[0] == bit[-1] and bit[0] in "\"'" and len(bit) > 1
        found &= _anywhere(fields, unescape_string_literal(bit) if quoted else bit)
    return found


def _anywhere(fields: tuple[str, ...], word: str) -> Q:
    found = Q(pk__in=[])
    for path in dict.fromkeys(_path(field) for field in fields if _path(field)):
        found |= _of_people(path, word)
    for field in fields:
        if field.rpartition("__")[2] == "model":
            models = _models(word)
            found |= Q(**{f"{field}__in": models}) if models else Q()
        elif not _path(field):
            found |= _said(field, word)
    return found


def _said(field: str, word: str) -> Q:
    """Not empty, which the word says already: so an index of those that are not will do. Of `name__exact` the
    whole, which any index finds."""
    name = field.removesuffix(WHOLE)
    how = "exact" if field.endswith(WHOLE) else "icontains"
    return Q(**{f"{name}__gt": "", f"{name}__{how}": word})


def _path(field: str) -> str:
    """From a row to its person: of `conversation__owner__email` the first two; of a title none."""
    path, _dash, name = field.rpartition("__")
    return path if name in NAMES else ""


def _of_people(path: str, word: str) -> Q:
    named = Q(username__icontains=word) | Q(email__icontains=word)
    people = User.objects.filter(named).values_list("pk", flat=True)
    few = list(people[: FEW + 1])
    return Q(**{f"{path}__in": few if len(few) <= FEW else people})


def _models(word: str) -> list[str]:
    """Those with a name like this: of the catalogue, and those asked once that have left it."""
    listed = LanguageModel.objects.filter(slug__icontains=word).values_list("slug", flat=True)
    asked = SiteUse.objects.filter(model__icontains=word).order_by().values_list("model", flat=True)
    return list(listed.union(asked))
