"""Pages of a table of millions: counted no further than anybody turns pages."""

from typing import TYPE_CHECKING, Any

from django.core.paginator import Paginator
from django.utils.functional import cached_property

COUNTED = 10_000

if TYPE_CHECKING:
    Pages = Paginator[Any]
else:
    Pages = Paginator


class Many(Pages):
    """Postgres reads every row to count them. Who wants what lies behind the last page narrows the search."""

    @cached_property
    def count(self) -> int:
        rows: Any = self.object_list
        return int(rows.order_by()[:COUNTED].count())
