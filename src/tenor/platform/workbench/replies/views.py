"""The screens of what comes back: read it, say whose it is, answer, and say that it is done."""

from typing import Any
from urllib.parse import quote

from django.contrib import messages
from django.http import FileResponse, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from tenor.platform.core.errors import Invalid, NotFound, Refused
from tenor.platform.core.roles import Right
from tenor.platform.ledger.queries import customer_for
from tenor.platform.replies import actions, queries
from tenor.platform.workbench.lists import choices, pages
from tenor.platform.workbench.screens import Request, screen

ONLY = {
    "": gettext_lazy("To deal with"),
    "unmatched": gettext_lazy("Nobody knows whose"),
    "handled": gettext_lazy("Done"),
    "automatic": gettext_lazy("Written by machines"),
}
REFUSED = {
    "too_large": gettext_lazy("too large to keep"),
    "empty": gettext_lazy("it was empty"),
    "type": gettext_lazy("a kind of file that is not kept"),
    "macros": gettext_lazy("it holds a program"),
}
WISHES = {
    "REVOKE": gettext_lazy("Wants no more messages: this channel has ended"),
    "REVIEW": gettext_lazy("Asks something, or may want no more messages: all rests until read"),
    "HELP": gettext_lazy("Asks who writes: the answer goes out by itself"),
    "OPT_IN": gettext_lazy("Wants messages again"),
}
# A file is handed out as bytes to keep, never as something to open here.
_DOWNLOAD = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cache-Control": "private, no-store",
}


@screen(Right.SEE)
@require_GET
def inbox(request: Request) -> HttpResponse:
    """List what came back, newest first."""
    asked = request.GET
    only = asked.get("only", "")
    only = only if only in ONLY else ""
    page = queries.inbox(request.organisation, only=only, after=asked.get("after", ""))
    counts = queries.counts(request.organisation)
    tabs = choices(asked, "only", ONLY)
    context = {
        "page": page,
        "only": only,
        "tabs": [
            {"name": tab.name, "href": tab.href, "here": tab.here, "count": count}
            for tab, count in zip(
                tabs, (counts["new"], counts["unmatched"] or None, None, None), strict=True
            )
        ],
        "mailbox": queries.mailbox_of(request.organisation),
        **pages(asked, page.next),
    }
    return render(request, "workbench/replies/list.html", context)


@screen(Right.SEE)
@require_GET
def reply(request: Request, number: int) -> HttpResponse:
    """Show a reply: what was written, what it asks for, its files, and whose it may be."""
    row = queries.reply_for(request.actor, number)
    context = {
        "reply": row,
        "wish": WISHES.get(row.wish, "") if not row.automatic else "",
        "files": [(one, REFUSED.get(one.refused, "")) for one in queries.attachments_of(row)],
        "candidates": [] if row.customer_id else queries.may_have_written(row),
        "has_more": row.whole.strip() != row.text.strip(),
        "answer": _answer(row),
    }
    return render(request, "workbench/replies/reply.html", context)


@screen(Right.WORK)
@require_POST
def assign(request: Request, number: int) -> HttpResponse:
    """Say whose a reply is."""
    try:
        row = actions.assign(
            request.actor, reply_id=number, customer_key=request.POST.get("customer", "")
        )
    except (Invalid, Refused) as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("It is with %(who)s now.") % {"who": row.customer})
    return redirect("workbench:reply", request.organisation.slug, number)


@screen(Right.WORK)
@require_POST
def handle(request: Request, number: int) -> HttpResponse:
    """Say that a reply is dealt with."""
    actions.handle(request.actor, reply_id=number, note=request.POST.get("note", "")[:500])
    messages.success(request, _("Done. What rested because of it goes on."))
    return redirect("workbench:replies", request.organisation.slug)


@screen(Right.WORK)
@require_POST
def reopen(request: Request, number: int) -> HttpResponse:
    """Say that a reply is not dealt with after all."""
    actions.reopen(request.actor, reply_id=number)
    return redirect("workbench:reply", request.organisation.slug, number)


@screen(Right.SEE)
@require_GET
def attachment(request: Request, number: int) -> HttpResponseBase:
    """Hand out a file, to be kept and not opened here."""
    row, path = queries.attachment_for(request.actor, number)
    if path is None:
        raise NotFound(_("This file was not kept."))
    response = FileResponse(
        path.open("rb"), as_attachment=True, filename=row.name,
        content_type="application/octet-stream",
    )  # fmt: skip
    for name, value in _DOWNLOAD.items():
        response[name] = value
    # The installation's own policy allows more than a stranger's file may have.
    response._csp_exempt = True  # type: ignore[attr-defined]
    return response


@screen(Right.WORK)
@require_POST
def consent(request: Request, key: str) -> HttpResponse:
    """Keep what a customer told somebody: whether a channel may be used."""
    customer = customer_for(request.actor, key)
    customer.organisation = request.organisation
    granted = request.POST.get("granted") == "yes"
    try:
        actions.change_consent(
            request.actor, customer=customer, channel=request.POST.get("channel", ""),
            granted=granted,
        )  # fmt: skip
    except (Invalid, Refused) as refused:
        messages.error(request, refused.message)
    else:
        told = _("It may be used again.") if granted else _("Nothing more goes out this way.")
        messages.success(request, told)
    return redirect("workbench:customer", request.organisation.slug, key)


@screen(Right.ADMINISTER)
@require_http_methods(["GET", "POST"])
def mailbox(request: Request) -> HttpResponse:
    """Say which mailbox is read; its password is written and never shown again."""
    read, wrong = queries.mailbox_of(request.organisation), None
    given: dict[str, Any] = {}
    if request.method == "POST":
        given = {name: request.POST.get(name, "") for name in ("host", "user", "folder")}
        given["security"], port = request.POST.get("security", "tls"), request.POST.get("port", "")
        try:
            actions.set_mailbox(
                request.actor, **given, password=request.POST.get("password", ""),
                port=int(port) if port.strip().isdecimal() else (0 if port.strip() else None),
            )  # fmt: skip
        except (Invalid, Refused) as refused:
            wrong = refused
        else:
            messages.success(request, _("Kept. It is read from the next minute on."))
            return redirect("workbench:replies_mailbox", request.organisation.slug)
        given["port"] = port
    context = {
        "mailbox": read,
        "shown": given or read or {"folder": "INBOX", "security": "tls"},
        "wrong": wrong,
        "securities": [("tls", "TLS"), ("starttls", "STARTTLS"), ("none", _("none"))],
    }
    status = wrong.status if wrong else 200
    return render(request, "workbench/replies/mailbox.html", context, status=status)


@screen(Right.ADMINISTER)
@require_POST
def stop_mailbox(request: Request) -> HttpResponse:
    """Read no mailbox any more."""
    actions.stop_mailbox(request.actor)
    messages.success(request, _("The mailbox is read no more. What was read stays."))
    return redirect("workbench:replies_mailbox", request.organisation.slug)


def _answer(row: Any) -> str:
    """Return the address with which one's own mail program begins an answer."""
    if row.channel != "email" or "@" not in row.sender or row.automatic:
        return ""
    subject = row.subject if row.subject.lower().startswith("re:") else f"Re: {row.subject}"
    head = f"mailto:{quote(row.sender, safe='@+')}?subject={quote(subject)}"
    return f"{head}&In-Reply-To={quote(row.message_number)}" if row.message_number else head
