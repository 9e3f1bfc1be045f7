"""Put the document of an invoice, and take it back."""

import hashlib
from functools import partial
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from tenor.platform.core import audit, clock
from tenor.platform.core.actor import Actor
from tenor.platform.core.errors import NotFound
from tenor.platform.core.roles import Right
from tenor.platform.ledger import documents
from tenor.platform.ledger.locks import locked_invoice
from tenor.platform.ledger.models import InvoiceDocument
from tenor.platform.ledger.told import News, Told
from tenor.platform.ledger.values import text_of


def put_document(
    actor: Actor, *, invoice_key: str, content: bytes, name: str = "", source: str = "tenor"
) -> Told[InvoiceDocument]:
    """Keep the PDF of an invoice, in place of the one it has; the same again changes nothing."""
    actor.need(Right.MONEY)
    documents.check(content)
    name = text_of(name, field="name", most=200)
    sha256 = hashlib.sha256(content).hexdigest()
    with transaction.atomic():
        invoice = locked_invoice(actor, key=invoice_key)
        rows = InvoiceDocument.objects.of(actor.organisation)
        standing = rows.filter(invoice=invoice).first()
        values: dict[str, Any] = {
            "name": documents.clean_name(name, str(invoice)), "size": len(content),
            "sha256": sha256,
        }  # fmt: skip
        before = _told(standing)
        if standing is not None and before == values:
            return Told(standing, News.SAME)
        file = documents.place_of(actor.organisation.pk, invoice.pk, sha256)
        row = standing or InvoiceDocument(organisation=actor.organisation, invoice=invoice)
        old, row.file = row.file, file
        row.name, row.size, row.sha256 = values["name"], values["size"], sha256
        row.put_at, row.source = clock.now(actor.organisation), source
        row.save()
        audit.record(
            actor, "invoice.document", f"invoice:{invoice.key}", before=before or None, after=values
        )
        documents.keep(file, content)
        if old and old != file:
            transaction.on_commit(partial(documents.forget, [old]))
    return Told(row, News.CHANGED if standing is not None else News.NEW)


def remove_document(actor: Actor, *, invoice_key: str) -> None:
    """Take back the PDF of an invoice, as where it was another one's."""
    actor.need(Right.MONEY)
    with transaction.atomic():
        invoice = locked_invoice(actor, key=invoice_key)
        row = InvoiceDocument.objects.of(actor.organisation).filter(invoice=invoice).first()
        if row is None:
            raise NotFound(_("This invoice has no document."))
        audit.record(actor, "invoice.document_removed", f"invoice:{invoice.key}", before=_told(row))
        row.delete()
        transaction.on_commit(partial(documents.forget, [row.file]))


def _told(row: InvoiceDocument | None) -> dict[str, Any]:
    return {} if row is None else {"name": row.name, "size": row.size, "sha256": row.sha256}
