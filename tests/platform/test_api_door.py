"""What holds for every route: keys and scopes, problems, requests sent twice."""

import threading
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path as url

from caller import Caller, caller, callers
from cast import NOW, Cast, make_cast
from tenor.platform.core.clock import real_now
from tenor.platform.core.keys import make_key, revoke_key
from tenor.platform.core.models import ApiKey, IdempotentAnswer
from tenor.platform.events.models import Event

ONE = {"key": "e1", "kind": "opened", "at": "2026-03-10T08:00:00Z", "customer_key": "C1"}


def fault(request: HttpRequest) -> HttpResponse:
    """Fail with a text that nobody outside may see."""
    raise RuntimeError("secret")


urlpatterns = [url("api/fault", fault)]


def test_only_a_valid_key_is_let_in(cast: Cast) -> None:
    admin = cast.actor("administrator")
    row, good = make_key(admin, name="ERP", wanted=["events:read"])
    old = make_key(
        admin, name="old", wanted=["events:read"], expires_at=real_now() - timedelta(seconds=1)
    )
    gone, revoked = make_key(admin, name="gone", wanted=["events:read"])
    revoke_key(admin, prefix=gone.prefix)
    assert Caller(good).get("events") == {"items": [], "next": None}
    for bad in ("", "tenor", good[:-1], old[1], revoked, f"tenor_{row.prefix}_"):
        answer = Caller(bad).answer("GET", "events")
        assert answer["WWW-Authenticate"] == "Bearer"
        assert Caller(bad).get("events", 401)["code"] == "unauthenticated"
    basic = Caller("").answer("GET", "events", headers={"Authorization": f"Basic {good}"})
    assert basic.status_code == 401


def test_a_signed_in_person_is_no_program(manager: Client) -> None:
    assert manager.get("/api/v1/events").status_code == 401


def test_a_key_does_what_its_scopes_say_and_nothing_else(cast: Cast) -> None:
    reader = caller(cast.organisation, "events:read", "customers:write")
    problem = reader.post("events", {"events": [ONE]}, 403)
    assert "events:write" in problem["detail"]
    assert caller(cast.organisation, "events:write").post("events", {"events": [ONE]})
    assert caller(cast.organisation, "events:write").get("events", 403)
    assert Event.objects.of(cast.organisation).count() == 1


@pytest.mark.parametrize(
    ("method", "path", "content", "status"),
    [
        ("GET", "/api/", None, 404),
        ("GET", "/api/v1/nothing", None, 404),
        ("POST", "/api/v2/events", {}, 404),
        ("DELETE", "events", None, 405),
        ("POST", "events", "{", 400),
        ("POST", "events", b"\xff", 400),
        ("POST", "events", "{}", 422),
        ("POST", "events", {"events": 1}, 422),
        ("POST", "events", {"events": [], "more": 1}, 422),
        ("POST", "events", {"events": [ONE] * 1001}, 422),
        ("GET", "events?limit=0", None, 422),
        ("GET", "events?limit=1e3", None, 422),
        ("GET", "events?customer_key=%00", None, 422),
        ("GET", "events?cursor=WzFd", None, 422),
        ("GET", "events?cursor=W10", None, 422),
        ("GET", "events?cursor=x", None, 422),
        ("GET", "events?cursor=!", None, 422),
    ],
)
def test_every_refusal_is_a_problem(
    cast: Cast, method: str, path: str, content: Any, status: int
) -> None:
    said = caller(cast.organisation).call(method, path, content, status=status)
    assert said["detail"]
    assert Event.objects.of(cast.organisation).count() == 0


def test_what_is_no_json_or_too_large_is_refused_unread(cast: Cast) -> None:
    program = caller(cast.organisation)
    headers = {"Authorization": f"Bearer {program.key}"}
    form = program.client.post("/api/v1/events", {"events": "1"}, headers=headers)
    assert (form.status_code, form.json()["code"]) == (415, "unsupported_media_type")
    large = program.client.generic(
        "POST",
        "/api/v1/events",
        b"",
        "application/json",
        headers=headers,
        CONTENT_LENGTH="16777217",
    )
    assert (large.status_code, large["Content-Type"]) == (413, "application/problem+json")


def test_a_fault_of_ours_is_a_problem_too_and_tells_nothing_of_it(
    cast: Cast, settings: Any
) -> None:
    program = caller(cast.organisation)
    program.client.raise_request_exception = False
    settings.ROOT_URLCONF = __name__
    said = program.get("/api/fault", 500)
    assert "secret" not in str(said)
    assert said["code"] == "server_error"


def test_the_same_request_sent_twice_does_nothing_more(cast: Cast) -> None:
    program, other = callers(cast)
    first = program.post("events", {"events": [ONE]}, once="a")
    assert first["accepted"] == 1
    again = program.answer("POST", "events", {"events": [ONE]}, headers={"Idempotency-Key": "a"})
    assert (again.json(), again["Idempotent-Replayed"]) == (first, "true")
    assert program.post("events", {"events": [ONE]}, once="b")["duplicate"] == 1

    changed = program.post("events", {"events": [{**ONE, "key": "e2"}]}, 422, once="a")
    assert changed["code"] == "key_reused"
    assert Event.objects.of(cast.organisation).count() == 1
    # Another organisation's and another program's keys are their own.
    assert other.post("events", {"events": [ONE]}, once="a")["accepted"] == 1
    second = caller(cast.organisation, "events:write")
    assert second.post("events", {"events": [ONE]}, once="a")["duplicate"] == 1
    assert program.post("events", {"events": []}, 400, once="a b")["code"] == "bad_request"


def test_a_refused_request_may_be_put_right_under_the_same_key(cast: Cast) -> None:
    program = caller(cast.organisation)
    program.post("events", {"events": 1}, 422, once="a")
    assert IdempotentAnswer.objects.of(cast.organisation).count() == 0
    assert program.post("events", {"events": [ONE]}, once="a")["accepted"] == 1
    Caller("tenor_no_key").post("events", {"events": [ONE]}, 401, once="z")


def test_old_answers_go_as_new_ones_come(cast: Cast) -> None:
    program = caller(cast.organisation)
    for n in range(3):
        program.post("events", {"events": []}, once=f"old{n}")
    answers = IdempotentAnswer.objects.of(cast.organisation)
    answers.update(created_at=real_now() - timedelta(days=31))
    program.post("events", {"events": []}, once="new")
    assert set(answers.values_list("key", flat=True)) == {"old2", "new"}


@pytest.mark.django_db(transaction=True)
def test_two_that_come_at_the_same_moment_are_done_once() -> None:
    cast = make_cast()
    key = caller(cast.organisation).key
    start, answers = threading.Barrier(4), []

    def send() -> None:
        start.wait()
        try:
            body = {"events": [{**ONE, "key": f"e{n}"} for n in range(50)]}
            answer = Caller(key).answer("POST", "events", body, headers={"Idempotency-Key": "a"})
            answers.append((answer.status_code, answer.json()["accepted"]))
        finally:
            connection.close()

    threads = [threading.Thread(target=send) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert answers == [(200, 50)] * 4
    assert Event.objects.of(cast.organisation).count() == 50
    assert IdempotentAnswer.objects.of(cast.organisation).count() == 1


def test_a_key_tells_who_it_is_of_and_when_it_was_used(cast: Cast) -> None:
    program, other = callers(cast)
    program.post("events", {"events": [ONE]})
    assert other.get("events")["items"] == []
    assert program.get("events")["items"][0]["received_at"] == NOW.isoformat().replace(
        "+00:00", "Z"
    )
    used = ApiKey.objects.of(cast.organisation).get().last_used_at
    assert used is not None
    assert real_now() - used < timedelta(minutes=1)
