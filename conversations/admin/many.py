"""Pages of a table of millions: counted as far as anybody turns pages, read without those before."""

from typing import TYPE_CHECKING, Any

from django.contrib.admin.views.main import ChangeList
from django.core.paginator import Paginator
from django.http import HttpRequest
from django.utils.functional import cached_property

from conversations.usage.numbers import spoken

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

    @property
    def said(self) -> str:
        """With a plus where nobody counted on."""
        return spoken(str(self.count)) + "+" * self.is_cut

    @cached_property
    def _found(self) -> int:
        rows: Any = self.object_list
        # Only what is counted: of a cut list Django would have each row's sums added up, too.
        return int(rows.order_by().values("pk")[: self.counted + 1].count())


class Joined(Many):
    """Of rows of which each has to look up others before it counts."""

    counted = 1_000


class List(ChangeList):
    """The rows of a later page are found first, and then what stands beside them.

    Postgres would add up the calls of each run that it skips on its way to page 100.
    """

    def get_ordering_field(self, field_name: Any) -> Any:
        """Django hides the way to what is not sorted by, and sorts by it for an address that was kept."""
        ways = self.sortable_by or ()
        return super().get_ordering_field(field_name) if field_name in ways else None

    def get_results(self, request: HttpRequest) -> None:
        super().get_results(request)
        skips = self.page_num > 1 and not self.show_all
        if skips and self.root_queryset.query.annotation_select:
            ids = list(self.result_list.values_list("pk", flat=True))
            rows = self.root_queryset.filter(pk__in=ids)
            if not rows.query.select_related:
                rows = self.apply_select_related(rows)
            found = {row.pk: row for row in rows}
            self.result_list = [found[id] for id in ids if id in found]
