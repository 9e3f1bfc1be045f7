"""Talk to us: everything besides paying, a question to a person, and that money is tight."""

from datetime import timedelta

from django.db import transaction
from django.http import HttpResponse
from django.views.decorators.http import require_http_methods, require_safe

from tenor.engine.law.letters.contents import Content
from tenor.platform.core import clock
from tenor.platform.decisions.actions import look_after
from tenor.platform.ledger import actions as ledger
from tenor.platform.ledger import queries
from tenor.platform.portal.door import Request, page, render_page, to
from tenor.platform.portal.owed import debts_of, open_invoices
from tenor.platform.portal.visits import begun
from tenor.platform.replies import actions as replies
from tenor.platform.wording.texts import frame

# As long as on the telephone.
RELIEF = timedelta(days=30)
TIMES = ("morning", "afternoon", "evening", "any")
_MOST_WORDS = 4_000


@page
@require_safe
def talk(request: Request) -> HttpResponse:
    """Show what can be said or asked."""
    debts = debts_of(request.customer, request.language)
    return render_page(
        request,
        "portal/talk.html",
        {"words": request.words["talk"], "owes": bool(debts),
         "free": any(debt.free for debt in debts)},
    )  # fmt: skip


@page(most=40)
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: Request) -> HttpResponse:
    """Take a question for a person, with a number and the time at which they are best called."""
    words = request.words["person"]
    begun(request, "person")
    problem = ""
    if request.method == "POST":
        said = request.POST.get("words", "").strip()
        phone = request.POST.get("phone", "").strip()
        when = request.POST.get("when", "")
        if not said and not phone:
            problem = words["problems"]["empty"]
        elif len(said) > _MOST_WORDS or len(phone) > 60:
            problem = words["problems"]["long"]
        else:
            lines = [said]
            if phone:
                at = words["times"][when] if when in TIMES else words["times"]["any"]
                lines.append(f"{words['phone']}: {phone} ({at})")
            replies.write_on_page(
                request.actor, request.customer, subject=words["subject"],
                text="\n".join(line for line in lines if line).replace("\0", ""),
                contact_key=request.link.contact_key,
            )  # fmt: skip
            return to(request, done="wrote")
    return render_page(
        request,
        "portal/person.html",
        {
            "words": words, "problem": problem, "said": request.POST.get("words", ""),
            "phone": request.POST.get("phone", ""), "chosen": request.POST.get("when", "any"),
            "times": [(code, words["times"][code]) for code in TIMES],
        },
        status=422 if problem else 200,
    )  # fmt: skip


@page(most=40)
@require_http_methods(["GET", "HEAD", "POST"])
def tight(request: Request) -> HttpResponse:
    """Let pressure rest where money is tight, name who helps, and tell a person."""
    words = request.words["tight"]
    begun(request, "tight")
    if request.method == "POST":
        _give_room(request, request.POST.get("words", "").strip().replace("\0", ""))
        return to(request, "tight/", done="tight")
    holds = queries.situation(request.customer).holds
    country = request.customer.country
    return render_page(
        request,
        "portal/tight.html",
        {
            "words": words, "rests": any(hold.reason == "hardship" for hold in holds),
            "help": frame(request.language).clause(Content.DEBT_HELP, country),
            "free": any(debt.free for debt in debts_of(request.customer, request.language)),
        },
    )  # fmt: skip


def _give_room(request: Request, said: str) -> None:
    """Start the hold and tell somebody, once; what they wrote is read by a person in any case."""
    with transaction.atomic():
        holds = queries.situation(request.customer).holds
        if not any(hold.reason == "hardship" for hold in holds) and open_invoices(request.customer):
            made = ledger.start_hold(
                request.actor, customer_key=request.customer.key, reason="hardship",
                ends_at=clock.now(request.organisation) + RELIEF, note=said[:500],
            )  # fmt: skip
            look_after(request.actor, made)
        if said:
            replies.write_on_page(
                request.actor, request.customer, subject=request.words["tight"]["subject"],
                text=said[:_MOST_WORDS], contact_key=request.link.contact_key,
            )  # fmt: skip
