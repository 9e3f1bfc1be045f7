"""All that Tenor holds about a customer, as a file to hand over: for machines and for people."""

import io
import json
import zipfile
from typing import Any

from django.db import transaction
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.access import row_for
from tenor.platform.core.actor import Actor
from tenor.platform.core.models import Organisation
from tenor.platform.core.personal import rows_of
from tenor.platform.core.roles import Right
from tenor.platform.ledger.models import Customer
from tenor.platform.privacy.holders import HOLDERS
from tenor.platform.privacy.models import RightsRequest

Tables = dict[str, list[dict[str, Any]]]
# In the order in which people read it.
_APPS = (
    "ledger", "paying", "banking", "offers", "wording", "outreach", "replies", "decisions",
    "events",
)  # fmt: skip


def export(actor: Actor, *, customer_key: str) -> bytes:
    """Return a zip with `data.json` and `data.html`; that it was made stands in the audit log."""
    actor.need(Right.PRIVACY)
    organisation = actor.organisation
    customer: Customer = row_for(actor, Customer, key=customer_key)
    tables = tables_of(organisation, customer)
    about = {
        "organisation": organisation.name,
        "customer": customer.key,
        "made_at": clock.now(organisation).isoformat(),
    }
    text = json.dumps({"about": about, **tables}, ensure_ascii=False, indent=2, sort_keys=False)
    page = render_to_string(
        "privacy/export.html",
        {"customer": customer, "organisation": organisation, "sections": _shown(tables)},
    )
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("data.json", text)
        archive.writestr("data.html", page)
    with transaction.atomic():
        audit.record(
            actor, "rights.export", f"customer:{customer.key}",
            after={name: len(rows) for name, rows in tables.items() if rows},
        )  # fmt: skip
    return target.getvalue()


def tables_of(organisation: Organisation, customer: Customer) -> Tables:
    """Return every row about a customer, by name of table, of every app."""
    tables: Tables = {}
    for app in _APPS:
        tables |= HOLDERS[app].export(organisation, customer.key)
    requests = RightsRequest.objects.of(organisation).filter(customer=customer).order_by("pk")
    tables["requests"] = rows_of(
        requests, "kind", "received_at", "through", "words", "answer_by", "state", "answer",
        "decided_at", "outcome",
    )  # fmt: skip
    return tables


def _shown(tables: Tables) -> list[dict[str, Any]]:
    """Return the tables that have rows, with their columns, as a page shows them."""
    names = {
        "customer": _("Who you are"),
        "contact_points": _("Where you can be reached"),
        "consents": _("What you allowed and refused"),
        "invoices": _("Invoices"),
        "invoice_lines": _("Lines of invoices"),
        "documents": _("Documents of invoices"),
        "entries": _("Credit notes, costs and interest"),
        "payments": _("Payments"),
        "payer_accounts": _("Accounts that you paid from"),
        "bank_lines": _("Your payments as the bank told them"),
        "bank_lines_waiting": _("Money that may be yours"),
        "offers": _("What was offered to you"),
        "holds": _("Times in which nothing was asked"),
        "disputes": _("Disputes"),
        "promises": _("Promises"),
        "plans": _("Payment plans"),
        "notices": _("Formal letters"),
        "hand_overs": _("Hand-overs"),
        "notes": _("Notes"),
        "messages": _("Messages to you"),
        "replies": _("What you wrote to us"),
        "attachments": _("Files that you sent"),
        "decisions": _("What was decided about you, and why"),
        "decisions_made_anew": _("What was decided about you before it was decided anew"),
        "reviews": _("What people said of decisions"),
        "predictions": _("What was predicted"),
        "cases_for_people": _("Cases for people"),
        "events": _("What happened"),
        "requests": _("Your requests about your data"),
    }
    return [
        {
            "name": names.get(name, name),
            "columns": [column.replace("_", " ") for column in rows[0]],
            "rows": [[_cell(value) for value in row.values()] for row in rows],
        }
        for name, rows in tables.items()
        if rows
    ]


def _cell(value: Any) -> str:
    if value is None or value in ("", [], {}):
        return ""
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    return str(value)
