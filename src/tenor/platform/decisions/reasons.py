"""The codes that decisions, reviews and tasks carry, each with its words for people."""

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

Words = dict[str, str | Promise]

# Why somebody changed, held or vetoed a decision, or disagrees with it: a label for learning.
REVIEW_REASONS: Words = {
    "agree": _("I agree"),
    "knows_customer": _("I know this customer"),
    "in_contact": _("We are in contact already"),
    "will_pay": _("They will pay by themselves"),
    "paid_elsewhere": _("Paid, but not in the books yet"),
    "wrong_channel": _("Another channel works better here"),
    "wrong_tone": _("The tone does not fit"),
    "wrong_time": _("The moment does not fit"),
    "too_often": _("They have heard from us often enough"),
    "too_soon": _("It is too early for this"),
    "too_soft": _("This asks for more than a reminder"),
    "personal": _("This asks for a personal message"),
    "dispute": _("The customer objects to the invoice"),
    "hardship": _("The customer is in difficulty"),
    "relation": _("The relationship matters more now"),
    "wrong_facts": _("The facts are not right"),
    "ours": _("The mistake is ours"),
    "other": _("Another reason"),
}

# Why a decision waits for a person, or why it went on without one (`Decision.gate`).
GATE_REASONS: Words = {
    "automatic": _("Approved by the rules of this segment"),
    "carried": _("Approved before, and the same again"),
    "hand_over": _("A person confirms every hand-over"),
    "obstacle": _("Something seems to keep them from paying"),
    "large": _("The rules ask a person to look at this amount"),
    "uncertain": _("It is not sure that this beats waiting"),
    "overridden": _("People often change decisions like this one"),
    "sampled": _("Drawn by chance, so that a person keeps looking"),
    "complex": _("A complex case: a person answers for it"),
    "with_person": _("Somebody is working on this case"),
    "kept_back": _("Somebody kept this back a short while ago"),
    "amount": _("Above the amount that may go out by itself"),
    "currency": _("In another currency than the limit"),
    "by_hand": _("This segment is approved by hand"),
    "execution_off": _("Carrying out is switched off"),
    "asked": _("Asked for through the API"),
    "switched_off": _("Taken back: what decided it was turned off"),
    "rolled_back": _("Taken back: what decided it was rolled back"),
}
# A person sees these one at a time: they are never in "approve all".
SEEN_BY_A_PERSON = frozenset(
    {
        "hand_over",
        "obstacle",
        "large",
        "uncertain",
        "overridden",
        "sampled",
        "complex",
        "with_person",
        "kept_back",
    }
)

# Why somebody is left alone (`Decision.gate` of those).
ALONE_REASONS: Words = {
    "likely_to_pay": _("Likely to pay unaided"),
    "by_chance": _("Left alone by chance, to learn"),
    "not_worth_it": _("No contact is worth its cost and the annoyance"),
    "capacity": _("People's time does more elsewhere today"),
    "hold": _("On hold"),
    "no_pressure": _("A hold: no pressing words, and nothing tried out"),
    "hand_over_open": _("A hand-over waits for its signature"),
    "disputed": _("Disputed, not yet resolved"),
    "with_collection": _("Already out of our hands"),
    "plan": _("A payment plan is running"),
    "promise": _("Payment is promised and not yet late"),
    "complaint": _("Complained recently"),
    "opted_out": _("Opted out"),
    "consent": _("Refused this channel"),
    "no_address": _("There is no address that works"),
    "bounced": _("The last message did not arrive"),
    "fallback": _("Another channel comes first"),
    "first_contact_from_due": _("Too early before the due date"),
    "min_amount": _("Owes too little"),
    "min_days_between": _("Contacted too recently"),
    "max_contacts_30d": _("Contacted often enough in 30 days"),
    "quiet_holidays": _("A public holiday"),
    "law_caps": _("Contacted as often as the law or decency allows"),
    "law_days": _("A day or an hour that the law or decency keeps free"),
    "wished_times": _("Not at a time at which they want to be reached"),
    "channel_days": _("Not a day of the channel"),
    "hours_passed": _("No hour left today"),
    "no_channel_on": _("No channel is on"),
    "prevention_off": _("Not due yet, and reminding beforehand is switched off"),
    "ladder": _("Left to the fixed ladder, which has no step today"),
    "compared": _("Left alone by lot, to compare"),
    "seen": _("A person looked and left it so"),
    "other": _("Another reason"),
}

# Why something may not be sent, at the moment of changing or of sending.
REFUSALS: Words = {
    **{code: words for code, words in ALONE_REASONS.items() if code not in ("seen", "other")},
    "paid": _("Nothing is owed any more"),
    "channel_off": _("The rules have this channel switched off"),
    "tone_off": _("The rules do not allow this tone on this channel"),
    "hours": _("Outside the hours of this channel, at the customer's place"),
    "horizon": _("Later than the rules plan ahead"),
    "past": _("That moment has passed"),
    "disclosures": _("The text does not say all that the law wants it to say"),
    "no_channel": _("Nothing here can send over this channel"),
    "not_approved": _("The decision is no longer approved"),
    "paused": _("Sending is paused"),
    "read_only": _("This organisation only looks on: nothing is sent"),
    "execution_off": _("Carrying out is switched off"),
    "channel_stopped": _("This channel is switched off"),
    "just_issued": _("The invoice was only just sent"),
    "under_way": _("It was paid: the money is under way"),
    "first_reminder_delay": _("This customer is first reminded later, as was agreed"),
    "no_account": _("There is no bank account in this currency to pay to"),
    "unresolved": _("The text names something that is not known"),
    "no_registration_number": _("The law wants the registration number, and none is filled in"),
    "no_postal_address": _("The law wants the organisation's address, and none is filled in"),
    "no_contact": _("The law wants to know how the organisation is reached"),
    "no_mandate": _("The text names the mandate, and none is filled in"),
    "no_supervisor": _("The law wants the supervising authority, and none is filled in"),
    "no_creditor": _("It is not known for whom this is collected"),
    "no_creditor_address": _("The law wants the creditor's address, which is not known"),
    "no_creditor_number": _("The law wants the creditor's number, which is not known"),
    "no_contract": _("The law wants to know from which contract this comes"),
    "no_consumer_address": _("The law wants the customer's postal address, which is not known"),
    "no_first_letter": _("The law wants the first letter named, and none is recorded"),
    "no_costs": _("The letter names costs, and the law allows none here"),
    "no_link": _("The text names a link that this channel does not carry"),
    "shows_debt": _("Others could see in it that money is owed"),
    "wrong_term": _("Its term is not worded as the law counts it"),
    "no_glyph": _("A sign of the name or the text cannot be printed"),
    "no_room": _("The address does not fit the window of the envelope"),
    "cannot_draw": _("The letter cannot be printed"),
    "by_hand": _("A person took it out of the batch"),
    "amount_changed": _("The amount has changed since the letter was made"),
    "address_changed": _("The address has changed since the letter was made"),
    "too_old": _("It waited too long for the printer: its dates were no longer right"),
    "currency": _("A request covers one currency only"),
    "too_late": _("Too late: the next plan decides anew"),
    "failed": _("It could not be handed over"),
    "unclear": _("It was being handed over when something broke: it may have arrived"),
}

# How a case ended for the person who worked on it (`Task.outcome`).
OUTCOMES: Words = {
    "reached_promised": _("Spoke, and they promised to pay"),
    "reached_no_promise": _("Spoke, no promise"),
    "paid_already": _("Says it is paid"),
    "wrong_number": _("Wrong number"),
    "no_answer": _("No answer"),
    "dispute": _("Objects to the invoice"),
    "hardship": _("Cannot pay now"),
    "callback": _("Call back later"),
    "done": pgettext_lazy("task", "Done"),
    "arrived": _("The message arrived"),
    "not_arrived": _("The message did not arrive"),
}

TASK_KINDS: Words = {
    "call": _("Call"),
    "review": _("Look at this decision"),
    "obstacle": _("Clear what keeps them from paying"),
    "dispute": _("Answer an objection"),
    "promise_broken": _("A promise was not kept"),
    "plan_broken": _("A payment plan was not kept"),
    "hand_over": _("Hand over to collection"),
    "no_address": _("Find an address that works"),
    "unclear": _("Find out whether a message arrived"),
    "care": _("Look after somebody who is vulnerable"),
}

# What makes a case complex (`Task.facts["complex"]`, and the gate).
COMPLEX: Words = {
    "vulnerable": _("Vulnerable: in difficulty, represented or insolvent not long ago"),
    "disputes": _("Another invoice is disputed"),
    "promises_broken": _("Broke more than one promise"),
    "plan_broken": _("Broke a payment plan"),
    "currencies": _("Owes in more than one currency"),
}


def words_of(code: str, *tables: Words) -> str:
    """Return the words of a code from the first table that has it, else the code itself."""
    for table in tables or (GATE_REASONS, ALONE_REASONS, REFUSALS, REVIEW_REASONS, OUTCOMES):
        if code in table:
            return str(table[code])
    return code.replace("_", " ")


def gate_words(gate: str) -> list[str]:
    """Return why a decision waits, went on or is left alone, in words."""
    return [words_of(code, GATE_REASONS, ALONE_REASONS) for code in gate.split()]
