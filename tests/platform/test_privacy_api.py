"""Requests about personal data over the API: a program takes them in, a person answers."""

from typing import get_args

import make
from caller import caller
from cast import Cast
from tenor.platform.api.routes.rights import RequestKind
from tenor.platform.ledger.models import Hold
from tenor.platform.privacy import actions
from tenor.platform.privacy.models import RightsRequest


def test_a_program_takes_a_request_in_and_reads_the_answer(cast: Cast) -> None:
    make.customer(cast, "C/1")
    program = caller(cast.organisation, "customers:write", "customers:read")

    made = program.post(
        "/api/v1/customers/C/1/data-requests",
        {"kind": "objection", "received_at": "2026-03-09T10:00:00+01:00", "words": "Stop."},
        status=201,
    )

    assert (made["kind"], made["answer_by"], made["state"]) == ("objection", "2026-04-09", "open")
    assert Hold.objects.of(cast.organisation).get().reason == "objection_21"
    actions.answer(
        cast.actor("compliance"), request_id=made["id"], granted=True, words="We stopped."
    )
    (listed,) = program.get("/api/v1/customers/C/1/data-requests")
    assert (listed["state"], listed["answer"]) == ("granted", "We stopped.")


def test_a_request_of_tomorrow_is_refused_with_its_field(cast: Cast) -> None:
    make.customer(cast, "C1")
    program = caller(cast.organisation, "customers:write")
    refused = program.post(
        "/api/v1/customers/C1/data-requests",
        {"kind": "access", "received_at": "2026-03-11T00:00:00Z"},
        status=422,
    )
    assert "received_at" in str(refused)
    assert not RightsRequest.objects.of(cast.organisation).exists()


def test_the_kinds_of_the_api_are_those_of_the_books() -> None:
    assert list(get_args(RequestKind)) == RightsRequest.Kind.values
