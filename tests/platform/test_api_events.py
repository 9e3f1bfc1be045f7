"""Events over the API: counted to the row, late ones in their place, pages that stay right."""

import json

from caller import caller, callers
from cast import Cast
from tenor.platform.events import queries
from tenor.platform.events.models import Event


def one(key: str, **changes: object) -> dict[str, object]:
    at = "2026-03-10T08:00:00Z"
    return {"key": key, "kind": "opened", "at": at, "customer_key": "C1", **changes}


def test_a_batch_is_counted_each_rejection_with_its_place_and_reason(cast: Cast) -> None:
    program = caller(cast.organisation)
    batch = [
        one("e1"),
        one("e1", kind="clicked"),
        one("e2", at="2026-03-10T08:00:00"),
        one("e3", at="yesterday"),
        one("e4", customer_key=""),
        one("e5", kind="winked"),
        one("e6", detail=[1]),
        one("e7", detail={"amount": "12.50"}, invoice_key="F1"),
        one("e8", colour="red"),
        7,
        {"key": "e9"},
        one("e10", at="2026-03-11T08:00:01Z"),
        one("e\u0000"),
        one("e11", detail=None),
    ]
    said = program.post("events", {"events": batch})
    assert (said["accepted"], said["duplicate"]) == (4, 1)
    assert said["unknown_kinds"] == {"winked": 1}
    assert [row["index"] for row in said["rejected"]] == [2, 3, 4, 6, 8, 9, 10, 11, 12]
    reasons = {row["index"]: row["reason"] for row in said["rejected"]}
    assert reasons[2].startswith("at has no offset")
    assert "RFC3339" in reasons[3]
    assert "whom it is about" in reasons[4]
    assert "colour" in reasons[8]
    assert "future" in reasons[11]
    kept = Event.objects.of(cast.organisation).order_by("key")
    assert list(kept.values_list("key", "detail", "source")) == [
        ("e1", "", "api"),
        ("e11", "", "api"),
        ("e5", "", "api"),
        ("e7", '{"amount": "12.50"}', "api"),
    ]


def test_a_thousand_at_once_and_a_detail_letter_for_letter(cast: Cast) -> None:
    program = caller(cast.organisation)
    batch = [one(f"e{n:04}") for n in range(1000)]
    body = json.dumps({"events": batch}).replace(
        '"key": "e0007"', '"detail": {"amount": 12.5000, "naïve": "\\u00e9"}, "key": "e0007"'
    )
    assert program.call("POST", "events", body, status=200)["accepted"] == 1000
    assert program.call("POST", "events", body, status=200)["duplicate"] == 1000
    detail = Event.objects.of(cast.organisation).get(key="e0007").detail
    assert detail == '{"amount": 12.5000, "naïve": "\\u00e9"}'


def test_a_detail_that_is_too_long_is_turned_away(cast: Cast) -> None:
    said = caller(cast.organisation).post(
        "events",
        {"events": [one("a", detail={"x": "é" * 4096}), one("b", detail={"x": "é" * 900})]},
    )
    assert said["accepted"] == 1
    assert said["rejected"] == [{"index": 0, "reason": "detail is longer than 8192 bytes"}]


def test_late_events_told_out_of_order_stand_where_they_happened(cast: Cast) -> None:
    program = caller(cast.organisation)
    days = [3, 9, 1, 5]
    for day in days:
        event = one(f"d{day}", at=f"2026-03-0{day}T12:00:00+01:00")
        program.post("events", {"events": [event]})
    listed = program.get("events", customer_key="C1")["items"]
    assert [event["key"] for event in listed] == ["d9", "d5", "d3", "d1"]
    assert listed[0]["at"] == "2026-03-09T11:00:00Z"
    frame = queries.events_frame(
        cast.organisation, Event.objects.of(cast.organisation).get(key="d5").at
    )
    assert frame.height == 3


def test_pages_neither_miss_nor_repeat_while_events_arrive(cast: Cast) -> None:
    program, other = callers(cast)
    same = [one(f"e{n}", customer_key="C1" if n % 2 else "C2") for n in range(9)]
    program.post("events", {"events": same})
    other.post("events", {"events": [one("x")]})
    seen, address, pages = [], "events?limit=2&customer_key=C2", 0
    while address:
        page = program.get(address)
        seen += [event["key"] for event in page["items"]]
        address = page["next"]
        pages += 1
        late = one(f"late{pages}", at="2026-03-10T09:00:00Z", customer_key="C2")
        program.post("events", {"events": [late]})
    assert (seen, pages) == (["e8", "e6", "e4", "e2", "e0"], 3)
    assert other.get("events")["items"][0]["key"] == "x"
    assert [e["key"] for e in program.get("events", kind="opened", limit=1)["items"]] == ["late3"]
    assert program.get("events", invoice_key="F1")["items"] == []
