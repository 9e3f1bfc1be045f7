"""What every report page is made of: parts with a question, an answer, a chart and its table."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from jinja2 import Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

_PAGES = Environment(
    loader=PackageLoader("tenor.engine.reports"),
    autoescape=True,
    undefined=StrictUndefined,
    trim_blocks=True,
    lstrip_blocks=True,
    keep_trailing_newline=True,
)


@dataclass(frozen=True)
class Grid:
    """A table: its heads, its rows, how many columns from the left are words, and the last too."""

    head: Sequence[str]
    rows: Sequence[Sequence[str | Markup]]
    words: int = 1
    last_is_text: bool = False


@dataclass(frozen=True)
class Part:
    """A part of a page: what is asked, the answer in a sentence, the charts, the table behind."""

    key: str
    title: str
    answer: str
    charts: Sequence[tuple[str, Markup]] = ()
    grid: Grid | None = None
    remarks: Sequence[str] = field(default=())


@dataclass(frozen=True)
class Headline:
    """One of the few figures at the top of a page."""

    label: str
    value: str
    note: str


def render(template: str, **values: object) -> str:
    """Render a page of `templates/`; a value that the page asks for and is not given raises."""
    return _PAGES.get_template(template).render(**values)
