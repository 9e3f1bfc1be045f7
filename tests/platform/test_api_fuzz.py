"""Schemathesis sends each route what its document allows, and what it does not.

No answer may be a fault of ours, and none may have a status or a form that the document does not
know. Half of the requests are about rows that exist, so that they get past the first door.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any

import pytest
import schemathesis
from django.core.signals import request_finished, request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode, checks
from schemathesis.checks import CHECKS

import make
import plans
from caller import caller
from cast import Cast
from tenor.platform.api.v1 import api
from tenor.platform.events import webhooks
from tenor.platform.events.models import Delivery
from tenor.platform.ledger import actions

checks.load_all_checks()
KEPT = CHECKS.get_by_names(
    [
        "not_a_server_error",
        "status_code_conformance",
        "content_type_conformance",
        "response_schema_conformance",
    ]
)
EXAMPLES = 20
ROUTES = [
    (method.upper(), path)
    for path, operations in api.get_openapi_schema(path_prefix="/api/v1/")["paths"].items()
    for method in operations
]


@cache
def _schema() -> Any:
    return schemathesis.openapi.from_wsgi("/api/v1/openapi.json", get_wsgi_application())


@pytest.fixture
def kept_open() -> Iterator[None]:
    """Keep the connection of the test open between requests, as Django's own test client does."""
    signals = (request_started, request_finished)
    for signal in signals:
        signal.disconnect(close_old_connections)
    yield
    for signal in signals:
        signal.connect(close_old_connections)


@pytest.fixture
def known(cast: Cast) -> dict[str, dict[str, Any]]:
    """Return values that exist, by the first part of an address and by the names in bodies."""
    plans.rules(cast)
    make.invoice(cast, "F1")
    make.payment(cast, "P1", amount="10", customer="C1")
    hold = actions.start_hold(cast.system, customer_key="C1", reason="agreed")
    promise = actions.make_promise(
        cast.system, customer_key="C1", invoice_keys=["F1"], promised_on=make.TODAY
    )
    decision = plans.decision(plans.run(cast))
    hook, _ = webhooks.register(cast.system, url="https://example.org/", kinds=[])
    actions.write_note(cast.system, customer_key="C1", text="Rang.")
    actions.open_dispute(cast.system, invoice_key="F1", reason="other")
    delivery = Delivery.objects.of(cast.organisation).first()
    return {
        "customers": {"key": "C1", "channel": "sms"}, "invoices": {"key": "F1"},
        "payments": {"key": "P1"}, "scores": {"invoice_key": "F1"}, "holds": {"number": hold.pk},
        "promises": {"number": promise.pk}, "decisions": {"number": decision.pk},
        "webhooks": {"number": hook.pk, "delivery": delivery.pk},
        "": {"customer_key": "C1", "invoice_key": "F1", "currency": "EUR"},
    }  # fmt: skip


@pytest.mark.usefixtures("kept_open")
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[" ".join(one) for one in ROUTES])
def test_whatever_is_sent_the_answer_is_one_that_was_promised(
    cast: Cast, known: dict[str, dict[str, Any]], method: str, path: str
) -> None:
    operation = _schema()[path][method]
    key = caller(cast.organisation).key
    # The in-process client does not unpack what is sent packed.
    headers = {"Authorization": f"Bearer {key}", "Accept-Encoding": "identity"}
    right = operation.as_strategy(generation_mode=GenerationMode.POSITIVE)
    wrong = operation.as_strategy(generation_mode=GenerationMode.NEGATIVE)
    first = path.split("/")[3]

    @given(case=st.one_of(right, right, wrong), real=st.booleans())
    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        database=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    def send(case: Any, real: bool) -> None:
        if real:
            case.path_parameters = {**(case.path_parameters or {}), **known.get(first, {})}
            if isinstance(case.body, dict):
                case.body |= {k: v for k, v in known[""].items() if k in case.body}
        for name in headers:
            case.headers.pop(name, None)
        case.validate_response(case.call(headers=headers), checks=KEPT)

    send()
