"""What came of telling the ledger something: whether it was news."""

from enum import StrEnum
from typing import Generic, NamedTuple, TypeVar

Row = TypeVar("Row")


class News(StrEnum):
    """Whether what was told was new, told differently before, or known already."""

    NEW = "new"
    CHANGED = "changed"
    SAME = "same"


class Told(NamedTuple, Generic[Row]):
    """The row that was told of, and what the telling did."""

    row: Row
    news: News
