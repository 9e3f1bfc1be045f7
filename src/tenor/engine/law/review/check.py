"""Read pack files beside the shipped packs, and find what somebody who answers for law looks at."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum

from tenor.engine.errors import LawError
from tenor.engine.law.library import SECTIONS, shipped, shipped_texts, stand
from tenor.engine.law.pack import Confidence, InForce, Pack, Provision
from tenor.engine.law.reading import read_packs
from tenor.engine.law.review.extension import Extension, extend, read_extension
from tenor.engine.law.review.stricter import Change, compare

# Half a year: the rhythm in which rates are announced.
AHEAD = timedelta(days=183)
_ONE_DAY = timedelta(days=1)
_EXTENSION = "+"


@dataclass(frozen=True, eq=False)
class Checked:
    """Packs that could be read: all that hold then, those that the files gave, and extensions.

    `changes` are what each extension changes, by its name.
    """

    packs: Mapping[str, Pack]
    given: tuple[str, ...]
    extensions: tuple[Extension, ...]
    changes: Mapping[str, tuple[Change, ...]]


def check(files: Mapping[str, str]) -> Checked:
    """Read the texts of pack files, by the place that errors name, beside the shipped packs.

    A file whose jurisdiction is shipped takes that pack's place; one called `NL+own` is an
    extension of NL. Raises `LawError` with a line for all that is wrong in all files.
    """
    wrong: list[str] = []
    texts, extending = {text.jurisdiction: text for text in shipped_texts()}, {}
    given: list[str] = []
    for place, text in files.items():
        try:
            packs = read_packs(text, place=place, sections=SECTIONS)
        except LawError as error:
            wrong.append(str(error))
            continue
        if _EXTENSION in packs[0].jurisdiction:
            extending[place] = text
            continue
        texts |= {pack.jurisdiction: pack for pack in packs}
        given += [pack.jurisdiction for pack in packs]
    if wrong:
        raise LawError("\n".join(wrong))
    base = stand(texts.values()) if given else shipped()
    extensions = [read_extension(t, place=place, base=base) for place, t in extending.items()]
    standing = extend(base, extensions)
    changes = {
        one.jurisdiction: tuple(compare(base[one.extends], standing[one.extends]))
        for one in extensions
    }
    return Checked(standing, tuple(given), tuple(extensions), changes)


class Why(StrEnum):
    """Why somebody looks at a provision."""

    NOT_KNOWN = "not_known"  # the value of the day was looked for and not found
    NOT_YET_KNOWN = "not_yet_known"  # a later value is needed and not found
    ENDED = "ended"  # its last row has run out
    ENDS = "ends"  # it runs out soon, and nothing follows
    REVIEW = "review"  # the day by which it is looked at is near, or past
    CHANGES = "changes"  # it says something else soon
    LOW = "low"  # we are not sure that the source says so
    MEDIUM = "medium"


@dataclass(frozen=True)
class Watched:
    """A provision that a person should look at, why, and by when (None: whenever there is time)."""

    pack: Pack
    provision: Provision
    row: InForce
    why: Why
    by: date | None


def watch(pack: Pack, day: date, *, ahead: timedelta = AHEAD) -> list[Watched]:
    """Return what is uncertain, unknown, or about to change in what a pack itself says on `day`.

    Inherited provisions are the parent's to watch. The most pressing kind first, then by day.
    """
    until = day + ahead
    found = [
        Watched(pack, provision, row, why, by)
        for provision in pack.own.values()
        for row, why, by in _watched(provision, day, until)
    ]
    order = list(Why)
    return sorted(
        found,
        key=lambda one: (
            order.index(one.why), one.by or date.max, one.provision.section, one.provision.name,
        ),
    )  # fmt: skip


def _watched(
    provision: Provision, day: date, until: date
) -> Iterator[tuple[InForce, Why, date | None]]:
    last = provision.rows[-1]
    if last.last is not None and last.last < day:
        yield last, Why.ENDED, None
        return
    row = provision.on(day)
    if row is not None:
        yield from _of_today(row, until, is_last=row is last)
    for later in provision.rows:
        if day < later.first <= until:
            why = Why.NOT_YET_KNOWN if later.says is None else Why.CHANGES
            yield later, why, later.first


def _of_today(
    row: InForce, until: date, *, is_last: bool
) -> Iterator[tuple[InForce, Why, date | None]]:
    if row.says is None:
        yield row, Why.NOT_KNOWN, None
    elif row.confidence is not Confidence.HIGH:
        yield row, Why(row.confidence.value), None
    if row.review_by is not None and row.review_by <= until:
        yield row, Why.REVIEW, row.review_by
    if is_last and row.last is not None and row.last <= until:
        yield row, Why.ENDS, row.last + _ONE_DAY
