"""Pages of a table of millions: counted no further than anybody turns pages."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

if TYPE_CHECKING:
    Pages = Paginator[Any]
else:
    Pages = Paginator


class Many(Pages):
    """Postgres reads every row to count them. Who wants what lies behind the last page narrows the search."""

    counted = 10_000

    @cached_property
    def count(self) -> int:
        return min(self._found, self.counted)

    @property
    def is_cut(self) -> bool:
        """There are more: the number is said with a plus."""
        return self._found > self.counted

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        # Only what is counted: of a cut list Django would have each row's sums added up, too.
        return int(rows.order_by().values("pk")[: self.counted + 1].count())


class Joined(Many):
    """Of rows of which each has to look up others before it counts."""

    counted = 1_000
