"""An organisation that begins to send through Tenor changes its own rhythm: that is no alarm."""

from datetime import UTC, datetime, timedelta

import polars as pl

from tenor.engine.frames import Tables, tables_of
from tenor.engine.monitoring import Check
from tenor.engine.monitoring.freshness import freshness
from tenor.engine.monitoring.quality import quality

NOW = datetime(2026, 6, 1, 6, tzinfo=UTC)
DAYS = 400
BEGAN = 30  # days ago


def rows(kind: str, a_day: int, *, since: int = DAYS, until: int = 1, answer: bool = False):  # type: ignore[no-untyped-def]
    """Return so many events of a kind on each day, from so many days ago on."""
    return [
        (NOW - timedelta(days=day, hours=n % 5), kind, f"C{n}", f"M{day}.{n}" if answer else None)
        for day in range(since, until - 1, -1)
        for n in range(a_day)
    ]


def facts(*events: list[tuple[object, ...]]) -> Tables:
    schema = {
        "at": pl.Datetime("us", "UTC"), "kind": pl.String, "customer_id": pl.String,
        "contact_id": pl.String,
    }  # fmt: skip
    told = pl.DataFrame([r for part in events for r in part], schema=schema, orient="row")
    empty = tables_of()
    return empty.with_(events=pl.concat([empty.events, told], how="diagonal_relaxed"))


def check(found: list[Check], code: str, subject: str) -> Check:
    return next(c for c in found if (c.code, c.subject) == (code, subject))


def test_twice_the_messages_bring_twice_the_answers_and_that_is_no_alarm() -> None:
    known = facts(
        rows("page_visited", 30),
        rows("delivered", 20, until=BEGAN, answer=True),
        rows("delivered", 45, since=BEGAN - 1, answer=True),
        rows("plan_offered", 20, since=BEGAN - 1),
    )
    volume = check(freshness(known, as_of=NOW), "volume", "events")
    assert (volume.value, volume.is_on) == (210.0, False)
    assert volume.log_looks < 1.0


def test_what_comes_of_itself_and_stops_by_half_is_still_seen() -> None:
    known = facts(rows("page_visited", 30, until=BEGAN), rows("page_visited", 12, since=BEGAN - 1))
    volume = check(freshness(known, as_of=NOW), "volume", "events")
    assert volume.is_on and volume.log_looks > 5.0


def test_the_first_plan_is_no_unknown_word_and_one_of_nobodys_is() -> None:
    known = facts(rows("page_visited", 30), rows("plan_agreed", 25, since=6))
    words = check(quality(known, as_of=NOW), "new_words", "events.kind")
    assert (words.value, words.is_on) == (0.0, False)
    odd = facts(rows("page_visited", 30), rows("visit_of_page", 25, since=6))
    words = check(quality(odd, as_of=NOW), "new_words", "events.kind")
    assert words.value > 0.4 and words.log_looks > 5.0
