"""Object to an invoice, with a reason and a file; nothing is asked for it until it is answered."""

from typing import TYPE_CHECKING

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods

from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import queries
from tenor.platform.portal.door import Request, page, render_page, to
from tenor.platform.portal.owed import open_invoices
from tenor.platform.portal.visits import begun
from tenor.platform.replies import actions as replies
from tenor.platform.replies.files import MOST_BYTES, Given, look_at
from tenor.platform.wording import forms

if TYPE_CHECKING:
    from tenor.platform.ledger.models import Invoice

REASONS = (
    "already_paid", "wrong_amount", "not_received", "quality", "not_ordered", "cancelled", "other",
)  # fmt: skip
_MOST_WORDS = 4_000
# More invoices than this nobody finds in a list: they name it in their own words.
_MOST_LISTED = 100
_MORE_THAN_A_FILE = 64 * 1024


@page(most_bytes=MOST_BYTES + _MORE_THAN_A_FILE)
@require_http_methods(["GET", "HEAD", "POST"])
def dispute(request: Request) -> HttpResponse:
    """Ask which invoice, what is wrong with it, and for a file where there is one."""
    words = request.words["dispute"]
    invoices = open_invoices(request.customer)
    if not invoices:
        return render_page(request, "portal/nothing.html", {"words": words})
    begun(request, "dispute")
    problem = ""
    if request.method == "POST":
        problem = _problem(request, invoices)
        if not problem:
            return to(request, done="dispute")
    return render_page(
        request,
        "portal/dispute.html",
        {
            "words": words, "problem": words["problems"][problem] if problem else "",
            "invoices": [
                (i.key, str(i), forms.amount(i.balance, i.currency, request.language))
                for i in invoices[:_MOST_LISTED]
            ],
            "reasons": [(code, words["reasons"][code]) for code in REASONS],
            "chosen": request.POST.get("invoice") or request.GET.get("invoice", ""),
            "reason": request.POST.get("reason", ""), "said": request.POST.get("words", ""),
        },
        status=422 if problem else 200,
    )  # fmt: skip


def _problem(request: Request, invoices: list["Invoice"]) -> str:
    """Open the dispute, or return the code of what is missing or wrong."""
    named = request.POST.get("invoice", "")
    if not named and len(invoices) == 1:
        named = invoices[0].key
    invoice = next((one for one in invoices if one.key == named), None)
    reason = request.POST.get("reason", "")
    said = request.POST.get("words", "").strip().replace("\0", "")
    if invoice is None:
        return "invoice"
    if reason not in REASONS:
        return "reason"
    if len(said) > _MOST_WORDS:
        return "long"
    files = [
        Given((one.name or "").replace("\0", ""), one.read())
        for one in request.FILES.getlist("file")
        if one.size
    ][:1]
    if any(look_at(one).refused for one in files):
        return "file"
    _open(request, invoice, reason, said, files)
    return ""


def _open(request: Request, invoice: "Invoice", reason: str, said: str, files: list[Given]) -> None:
    """Open the dispute and keep its file: both, or neither."""
    with transaction.atomic():
        standing = {found.invoice_id for found in queries.situation(request.customer).disputes}
        if invoice.pk not in standing:
            ledger.open_dispute(request.actor, invoice_key=invoice.key, reason=reason, note=said)
        if files:
            replies.write_on_page(
                request.actor, request.customer, given=files, text=said,
                subject=f"{request.words['dispute']['subject']} {invoice}"[:300],
                contact_key=request.link.contact_key,
            )  # fmt: skip
