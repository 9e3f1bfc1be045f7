"""The API's document is a promise to other people's programs: it changes on purpose, or not at all.

    python tests/contracts/renew.py

writes it anew; the difference is then part of the commit, for everybody to read.
"""

import json
import re
from pathlib import Path

from django.test import Client

from contracts.renew import document

STORED = Path(__file__).parent / "openapi.json"


def test_the_document_is_the_stored_one() -> None:
    assert document() == STORED.read_text(encoding="utf-8"), (
        "The API is another than tests/contracts/openapi.json says. If that is meant: "
        "python tests/contracts/renew.py"
    )


def test_it_is_served_to_everybody(client: Client) -> None:
    served = client.get("/api/v1/openapi.json")
    assert served.status_code == 200
    assert served.json() == json.loads(STORED.read_text(encoding="utf-8"))


def test_every_operation_is_described_and_every_refusal_a_problem() -> None:
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    for path, operations in stored["paths"].items():
        for method, operation in operations.items():
            where = f"{method} {path}"
            assert operation["summary"] and operation["description"], where
            assert operation["security"] == [{"ApiKey": []}], where
            for status, answer in operation["responses"].items():
                if int(status) >= 400:
                    name = answer["$ref"].removeprefix("#/components/responses/")
                    refusal = stored["components"]["responses"][name]
                    assert set(refusal["content"]) == {"application/problem+json"}, where
            names = [one["name"] for one in operation["parameters"]]
            assert ("Idempotency-Key" in names) == (method == "post"), where


def test_the_handbook_names_every_route_and_no_other() -> None:
    page = (Path(__file__).parents[2] / "docs/handbook/api.md").read_text(encoding="utf-8")
    named = set(re.findall(r"^\| `([A-Z]+) (/[^`]*)` \|", page, flags=re.MULTILINE))
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    assert named == {
        (method.upper(), path.removeprefix("/api/v1"))
        for path, operations in stored["paths"].items()
        for method in operations
    }


def test_an_amount_is_a_string_wherever_it_stands() -> None:
    stored = json.loads(STORED.read_text(encoding="utf-8"))
    names = {"amount", "allocated", "balance", "open_amount", "paid", "quantity", "total"}
    found = 0
    for schema in stored["components"]["schemas"].values():
        for name in names & set(schema.get("properties", ())):
            one = schema["properties"][name]
            kinds = {part["type"] for part in one.get("anyOf", [one])}
            assert kinds <= {"string", "null"}, (schema["title"], name)
            found += 1
    assert found > 15
