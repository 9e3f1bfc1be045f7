"""Events are kept once, counted exactly, and read in the order in which things happened."""

from datetime import UTC, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from cast import NOW, Cast
from tenor.platform.core.errors import Invalid
from tenor.platform.events import actions, queries
from tenor.platform.events.models import Event


def rows(cast: Cast) -> list[tuple[str, str]]:
    """Return key and kind of every event of the first organisation, in order of arrival."""
    return list(Event.objects.of(cast.organisation).order_by("pk").values_list("key", "kind"))


def one(key: str, **changes: object) -> dict[str, object]:
    """Return an event about customer C1."""
    return {"key": key, "kind": "opened", "at": NOW, "customer_key": "C1", **changes}


def test_the_same_event_told_twice_counts_once(cast: Cast) -> None:
    told = {"key": "e1", "at": NOW, "invoice_key": "F1", "detail": {"amount": Decimal("12.50")}}
    assert actions.record(cast.organisation, "promised", **told) is True
    assert actions.record(cast.organisation, "disputed", **told) is False
    assert rows(cast) == [("e1", "promised")]
    event = Event.objects.of(cast.organisation).get()
    assert (event.detail, event.source, event.received_at) == ('{"amount":"12.50"}', "tenor", NOW)
    assert actions.record(cast.other, "promised", **told) is True


def test_an_event_about_nobody_is_refused_and_nothing_is_kept(cast: Cast) -> None:
    with pytest.raises(Invalid, match="says whom"):
        actions.record(cast.organisation, "promised", key="e1", at=NOW)
    assert rows(cast) == []


@pytest.mark.parametrize("many", [1, 500])
def test_a_batch_is_counted_to_the_row(cast: Cast, many: int) -> None:
    actions.record(cast.organisation, "opened", key="old", at=NOW, customer_key="C1")
    batch = [one(f"e{n}") for n in range(many)]
    batch += [one("e0", kind="clicked"), one("old"), one("new", kind="winked"), one("naive")]
    batch[-1]["at"] = datetime(2026, 3, 10, 8, 0)  # noqa: DTZ001
    counts = actions.record_many(cast.organisation, batch, source="api")
    assert (counts.accepted, counts.duplicate) == (many + 1, 2)
    assert [(index, reason.split(":")[0]) for index, reason in counts.rejected] == [
        (many + 3, "at has no offset")
    ]
    assert counts.unknown_kinds == {"winked": 1}
    assert rows(cast)[1][1] == "opened"
    again = actions.record_many(cast.organisation, batch, source="api")
    assert (again.accepted, again.duplicate) == (0, many + 3)
    assert len(rows(cast)) == many + 2


@pytest.mark.parametrize(
    ("wrong", "reason"),
    [
        ({"key": " "}, "key is empty"),
        ({"key": "k" * 201}, "longer than 200"),
        ({"key": "k\0"}, "NUL"),
        ({"key": 7}, "wrong type"),
        ({"kind": ""}, "kind is empty"),
        ({"kind": "k" * 41}, "longer than 40"),
        ({"customer_key": ""}, "whom it is about"),
        ({"colour": "red"}, "no unknown field"),
        ({"at": "2026-03-10"}, "wrong type"),
        ({"at": NOW + timedelta(days=1, seconds=1)}, "in the future"),
        ({"at": datetime(1, 1, 1, tzinfo=timezone(timedelta(hours=5)))}, "before 1970"),
        ({"detail": "[1]"}, "not a JSON object"),
        ({"detail": "{1"}, "not a JSON object"),
        ({"detail": {"a": object()}}, "not a JSON object"),
        ({"detail": {"a": "x" * 8192}}, "longer than 8192 bytes"),
    ],
)
def test_what_cannot_be_kept_is_rejected_with_its_place_and_reason(
    cast: Cast, wrong: dict[str, object], reason: str
) -> None:
    counts = actions.record_many(cast.organisation, [one("a"), one("b") | wrong, one("c")])
    assert (counts.accepted, counts.duplicate, len(counts.rejected)) == (2, 0, 1)
    assert counts.rejected[0][0] == 1
    assert reason in counts.rejected[0][1]
    assert rows(cast) == [("a", "opened"), ("c", "opened")]


def test_late_and_unordered_events_stand_where_they_happened(cast: Cast) -> None:
    hours = [3, 1, 2]
    batch = [one(f"h{h}", at=NOW - timedelta(hours=h), detail={"h": h}) for h in hours]
    actions.record_many(cast.organisation, batch[:2])
    later = NOW + timedelta(hours=5)
    actions.record_many(cast.organisation, batch[2:], received_at=later)
    history = queries.of_customer(cast.organisation, "C1", 10)
    assert [event.key for event in history] == ["h1", "h2", "h3"]
    frame = queries.events_frame(cast.organisation, NOW - timedelta(hours=2))
    assert sorted(frame["detail"]) == ['{"h":2}', '{"h":3}']
    then = queries.events_frame(cast.organisation, NOW, known_by=NOW)
    assert sorted(then["detail"]) == ['{"h":1}', '{"h":3}']


def test_the_engine_reads_the_events_of_the_customers_it_asks_for(cast: Cast) -> None:
    at = datetime(2026, 3, 1, 12, 30, 0, 250_000, tzinfo=UTC)
    actions.record_many(
        cast.organisation,
        [
            one("a", at=at, invoice_key="F1", contact_key="M1"),
            one("b", customer_key="", invoice_key="F1"),
            one("c", customer_key="C2"),
            one("d", customer_key="", invoice_key="F9"),
        ],
    )
    actions.record(cast.other, "opened", key="a", at=NOW, customer_key="C1")
    everything = queries.events_frame(cast.organisation, NOW)
    assert everything.height == 4
    assert queries.events_frame(cast.organisation, NOW, []).height == 0
    some = queries.events_frame(cast.organisation, NOW, ["C1"], invoice_keys=["F1"]).sort("at")
    assert some.columns == ["at", "kind", "invoice_id", "customer_id", "contact_id", "detail"]
    assert some.rows() == [
        (at, "opened", "F1", "C1", "M1", None),
        (NOW, "opened", "F1", None, None, None),
    ]


def test_events_cannot_be_altered_or_removed_by_a_query(cast: Cast) -> None:
    actions.record(cast.organisation, "opened", key="a", at=NOW, customer_key="C1")
    for change in ("update", "delete"):
        with pytest.raises(TypeError, match="append-only"):
            getattr(Event.objects.of(cast.organisation), change)()
    assert len(rows(cast)) == 1


def test_a_figure_from_outside_is_known_from_its_day(cast: Cast) -> None:
    day = NOW.date()
    figures = [
        actions.Figure("sector_index", day - timedelta(days=40), 101.5, available_on=day),
        actions.Figure("sector_index", day - timedelta(days=10), 99.0, available_on=day),
        actions.Figure("frost", day, 1.0, region="NL"),
        actions.Figure("frost", day + timedelta(days=1), 1.0, region="NL"),
    ]
    assert actions.record_figures(cast.organisation, figures) == 4
    assert actions.record_figures(cast.organisation, figures) == 0
    assert queries.external_frame(cast.organisation, NOW - timedelta(days=1)).height == 0
    known = queries.external_frame(cast.organisation, NOW).sort("name", "date")
    assert known["name"].to_list() == ["frost", "sector_index", "sector_index"]
    assert known["region"].to_list() == ["NL", None, None]
