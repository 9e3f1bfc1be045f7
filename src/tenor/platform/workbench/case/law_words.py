"""The law in plain words: the steps of a case, and why one may or may not be taken.

The packs say their rules in English sentences; here each code has words in the reader's language.
A code without words of its own is told by the pack's sentence.
"""

import re

from django.utils.functional import Promise as Text
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

Words = dict[str, "Text | str"]

STEPS: Words = {
    "contact.email": gettext_lazy("Send an e-mail"),
    "contact.sms": gettext_lazy("Send a text message"),
    "contact.letter": gettext_lazy("Send a letter"),
    "contact.call": gettext_lazy("Call"),
    "contact.push": gettext_lazy("Send a push message"),
    "pressure.firm": gettext_lazy("Use firm words"),
    "pressure.urgent": gettext_lazy("Use urgent words"),
    "demand": gettext_lazy("Ask for payment"),
    "explore": gettext_lazy("Try something out, to learn"),
    "charge.costs": gettext_lazy("Charge collection costs"),
    "charge.interest": gettext_lazy("Charge interest"),
    "hand_over": gettext_lazy("Hand over to an agency"),
    "court": gettext_lazy("Go to court"),
}
GROUPS: tuple[tuple["Text | str", tuple[str, ...]], ...] = (
    (
        gettext_lazy("Contact"),
        ("contact.email", "contact.sms", "contact.letter", "contact.call", "contact.push"),
    ),
    (pgettext_lazy("law", "Ask"), ("demand", "pressure.firm", "pressure.urgent", "explore")),
    (pgettext_lazy("law", "Charge"), ("charge.costs", "charge.interest")),
    (pgettext_lazy("law", "Next steps"), ("hand_over", "court")),
)
ICONS = {
    "demand": "coin", "pressure.firm": "message", "pressure.urgent": "message", "explore": "bolt",
    "charge.costs": "receipt", "charge.interest": "receipt", "hand_over": "gavel",
    "court": "scale",
}  # fmt: skip
_CHECKS: Words = {
    "OVERDUE": gettext_lazy("It has been overdue long enough"),
    "AMOUNT": gettext_lazy("The sum is worth the step"),
    "UNDISPUTED": gettext_lazy("Nothing of it is disputed"),
    "NO_HOLD": gettext_lazy("No hold stops it"),
    "LETTERS": gettext_lazy("Every letter was sent and its term is over"),
    "COSTS": gettext_lazy("No more is charged than may be"),
    "IN_TIME": gettext_lazy("It is not out of time"),
    "HELP_OFFERED": gettext_lazy("Help was offered"),
    "COLLECTOR": gettext_lazy("The agency is registered and holds our mandate"),
    "COST_CHECK": gettext_lazy("Handing over costs less than is owed"),
}
_REASONS: Words = {
    "OK": gettext_lazy("Within the hours in which people may be contacted"),
    "QUIET_HOURS": gettext_lazy("Outside the hours in which people may be contacted"),
    "SUNDAY": gettext_lazy("It is Sunday there"),
    "QUIET_DAY": gettext_lazy("Not a day for contact"),
    "PUBLIC_HOLIDAY": gettext_lazy("A public holiday there"),
    "OVERALL_CAP": gettext_lazy("Contacted often enough, over all channels"),
    "MIN_GAP": gettext_lazy("Contacted a short while ago"),
    "CHANNEL_FORBIDDEN": gettext_lazy("The law forbids this channel"),
    "THIRD_PARTY_DISCLOSURE": gettext_lazy("Others could learn of the debt"),
    "NO_CONSENT": gettext_lazy("They did not agree to this channel"),
    "NOT_IN_REGISTER": gettext_lazy("The collector is not in the register"),
    "NO_MANDATE": gettext_lazy("The creditor's mandate is missing"),
    "NOTICE_MISSING": gettext_lazy("A letter that has to come first was not sent"),
    "NOTICE_RUNNING": gettext_lazy("The term of a letter is still running"),
    "NOTICE_DONE": gettext_lazy("The letter was sent and its term is over"),
    "NOTICE_TERM": gettext_lazy("The term that the letter gave"),
    "NOTICE_TOO_EARLY": gettext_lazy("The letter was sent too early"),
    "NOTICE_INCOMPLETE": gettext_lazy("The letter lacks what the law wants in it"),
    "NOTICE_FEE_WRONG": gettext_lazy("The letter names another sum than the law's"),
    "NOTICE_WITHOUT_FEE": gettext_lazy("The letter names no sum"),
    "NOTICE_NOT_RECEIVED": gettext_lazy("The letter did not arrive"),
    "BOUNCED": gettext_lazy("The letter came back"),
    "RECEIPT_SHOWN": gettext_lazy("It is shown when the letter arrived"),
    "RECEIPT_PRESUMED": gettext_lazy("The law presumes when the letter arrived"),
    "NO_REGISTERED_BRAND": gettext_lazy("The sender is not registered with the carriers"),
    "NO_CARRIER_APPROVAL": gettext_lazy("The carrier has to allow this in writing"),
    "RATE_UNKNOWN": gettext_lazy("The rate of interest is not known: none is charged"),
    "AGREED_RATE": gettext_lazy("The rate that the contract sets"),
    "AGREED_RATE_LOWERED": gettext_lazy("The contract's rate, lowered to what the law allows"),
    "NOT_FROM_CONTRACT": gettext_lazy("The claim does not come from a contract"),
    "CURRENCY": gettext_lazy("The law's sums are in another currency"),
    "REMINDER_FREE": gettext_lazy("The first reminder is free"),
    "REMINDER_COST": gettext_lazy("What a reminder may cost"),
    "FURTHER_TERM": gettext_lazy("A further term soon after the first costs less"),
    "ONE_LETTER": gettext_lazy("One letter for several terms costs once"),
    "NOTICE_WITH_CONTACT": gettext_lazy("A notice goes along with the first contact"),
    "NOT_IN_DEFAULT": gettext_lazy("They are not in default yet"),
    "IN_DEFAULT": gettext_lazy("They are in default"),
    "PRESCRIBED": gettext_lazy("The claim is out of time"),
    "TIME_BARRED": gettext_lazy("The claim is out of time"),
    "COSTS_BY_SCALE": gettext_lazy("The law's scale allows these costs"),
    "FIXED_COMPENSATION": gettext_lazy("A fixed sum for late payment between businesses"),
    "COSTS_NOT_ALLOWED": gettext_lazy("The law knows no such costs here"),
    "COSTS_UNKNOWN": gettext_lazy("What may be charged is not known: nothing is"),
    "NO_CLAUSE": gettext_lazy("The contract has no clause on such costs"),
    "NOT_FOR_CONSUMERS": gettext_lazy("Not for consumers"),
    "NO_INTEREST_DUE": gettext_lazy("No interest is due"),
    "PAID_IN_TERM": gettext_lazy("It was paid in time"),
    "RATE": gettext_lazy("The law's rate of interest"),
    "OVERDUE": gettext_lazy("Not overdue for long enough"),
    "AMOUNT": gettext_lazy("The sum is too small for the step"),
    "UNDISPUTED": gettext_lazy("Something of it is disputed"),
    "NO_HOLD": gettext_lazy("A hold stops it"),
    "LETTERS": gettext_lazy("A letter that has to come first is missing"),
    "COSTS": gettext_lazy("More is charged than may be"),
    "IN_TIME": gettext_lazy("The claim is out of time"),
    "HELP_OFFERED": gettext_lazy("Help was not offered yet"),
    "COLLECTOR": gettext_lazy("The agency has to be registered and hold our mandate"),
    "SIGNATURE": gettext_lazy("A person has to sign"),
    # Holds
    "AGREED": gettext_lazy("It was agreed to wait"),
    "BREATHING_SPACE": gettext_lazy("A breathing space"),
    "CEASE_ALL": gettext_lazy("They want no contact"),
    "CEASE_CHANNEL": gettext_lazy("They refused this channel"),
    "COMPLAINT": gettext_lazy("A complaint waits for its answer"),
    "DEBT_HELP": gettext_lazy("A debt adviser is helping them"),
    "DECEASED": gettext_lazy("Reported dead"),
    "DISPUTE": gettext_lazy("They object to the invoice"),
    "DISTRESS": gettext_lazy("Money is tight: help is offered instead"),
    "FRAUD_VICTIM": gettext_lazy("Perhaps the victim of fraud"),
    "GUARDIAN": gettext_lazy("Somebody else looks after their money"),
    "INSOLVENT": gettext_lazy("Insolvent"),
    "MENTAL_CAPACITY": gettext_lazy("Trained people deal with this case"),
    "MINOR": gettext_lazy("Under age"),
    "OBJECTION_21": gettext_lazy("They object to the use of their data"),
    "OTHER": gettext_lazy("On hold"),
    "PAYMENT_PENDING": gettext_lazy("A payment is on its way"),
    "PLAN": gettext_lazy("A payment plan is running"),
    "PROMISE": gettext_lazy("Payment is promised"),
    "REPRESENTED": gettext_lazy("Somebody speaks for them"),
    "UNMATCHED_MONEY": gettext_lazy("Money arrived that is not matched yet"),
    "VULNERABLE": gettext_lazy("Vulnerable: help is offered instead"),
    "WRONG_ADDRESS": gettext_lazy("The address is wrong"),
}
_MORE_THAN = re.compile(r"MORE_THAN_(\d+)_IN_(\d+)")
_SPOKEN = re.compile(r"POST_CONVERSATION_(\d+)_DAYS")
CONFIDENCE: Words = {
    "high": pgettext_lazy("confidence", "sure"),
    "medium": pgettext_lazy("confidence", "fairly sure"),
    "low": pgettext_lazy("confidence", "not sure"),
}
BINDING: Words = {
    "law": pgettext_lazy("binding", "law"),
    "presumption": pgettext_lazy("binding", "presumed by law"),
    "policy": pgettext_lazy("binding", "our own rule"),
}


_HOLD_STEPS: Words = {
    "contact": gettext_lazy("any contact"),
    "notice": gettext_lazy("letters that the law asks for"),
    "demand": gettext_lazy("asking for payment"),
    "pressure": gettext_lazy("firm and urgent words"),
    "threat": gettext_lazy("announcing next steps"),
    "charge.costs": gettext_lazy("costs"),
    "charge.interest": gettext_lazy("interest"),
    "explore": gettext_lazy("trying things out"),
    "profile": gettext_lazy("choosing by what is known of them"),
    "hand_over": gettext_lazy("handing over"),
    "court": gettext_lazy("court"),
}
_DESKS: Words = {
    "automatic": gettext_lazy("Tenor itself"),
    "care": gettext_lazy("who looks after people in difficulty"),
    "collections": gettext_lazy("whoever works on the case"),
    "complaints": gettext_lazy("who answers complaints"),
    "compliance": gettext_lazy("the compliance officer"),
    "data": gettext_lazy("who keeps the addresses"),
    "disputes": gettext_lazy("who settles disputes"),
    "estate": gettext_lazy("who deals with estates"),
    "fraud": gettext_lazy("who looks into fraud"),
    "legal": gettext_lazy("the legal desk"),
    "privacy": gettext_lazy("the privacy officer"),
}


def check_words(code: str, text: str) -> str:
    """Name a point of the list before a hand-over."""
    return str(_CHECKS.get(code, text))


def hold_step_words(step: str) -> str:
    """Name a step that a hold stops."""
    return str(_HOLD_STEPS.get(step, step))


def desk_words(desk: str) -> str:
    """Name who may lift a hold."""
    return str(_DESKS.get(desk, desk))


_NOTICES: Words = {
    "default_reminder": gettext_lazy("Reminder that brings about default"),
    "final_notice": gettext_lazy("Final notice"),
    "first_letter": gettext_lazy("First letter of a collector"),
    "first_reminder": gettext_lazy("Free first reminder"),
    "formal_notice": gettext_lazy("Formal notice"),
    "fourteen_day": gettext_lazy("Fourteen-day letter"),
    "reminder": gettext_lazy("Reminder"),
    "validation": gettext_lazy("Validation notice"),
}


def notice_words(kind: str) -> str:
    """Name a letter that the law asks for."""
    return str(_NOTICES.get(kind, kind.replace("_", " ")))


def step_words(step: str) -> str:
    """Name a step in the reader's language."""
    return str(STEPS.get(step, step.replace(".", " ").replace("_", " ")))


def reason_words(code: str, text: str) -> str:
    """Say a reason in the reader's language; else in the pack's own sentence."""
    if (found := _MORE_THAN.fullmatch(code)) is not None:
        return _("More than %(most)s contacts in %(days)s days") % {
            "most": found[1], "days": found[2],
        }  # fmt: skip
    if (found := _SPOKEN.fullmatch(code)) is not None:
        return _("Spoken to within the last %(days)s days") % {"days": found[1]}
    words = _REASONS.get(code)
    return str(words) if words else text
