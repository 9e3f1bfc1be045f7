"""The verbs of the audit log, as people say them; and where what they changed can be seen."""

from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenor.platform.core.models import Organisation

_WORDS: dict[str, Promise] = {
    "api_key.make": _("made a key"),
    "api_key.revoke": _("revoked a key"),
    "audit.redact": _("erased a person's data from this log"),
    "channel.start": _("switched a channel on again"),
    "channel.stop": _("switched a channel off"),
    "consent.set": _("recorded a consent"),
    "contact_point.add": _("added an address"),
    "contact_point.bounced": _("marked an address as not arriving"),
    "contacts.tell": _("told of another system's messages"),
    "customer.assign_owner": _("chose who answers for a case"),
    "customer.change": _("changed a customer"),
    "customer.record": _("recorded a customer"),
    "decision.approve": _("approved decisions"),
    "decision.change": _("changed a decision"),
    "decision.hold": _("held decisions back"),
    "decision.refresh": _("decided anew"),
    "decision.release": _("released decisions"),
    "decision.review": _("agreed or disagreed with a decision"),
    "decision.take_back": _("took a decision back"),
    "decision.veto": _("refused decisions"),
    "demo.example": _("filled the demonstration"),
    "demo.next_day": _("moved the demonstration on a day"),
    "dispute.open": _("recorded a dispute"),
    "dispute.resolve": _("settled a dispute"),
    "entry.reverse": _("took a booking back"),
    "history.bring_in": _("brought in a history"),
    "hold.end": _("ended a hold whose day came"),
    "hand_over.sign": _("signed a hand-over"),
    "hold.lift": _("lifted a hold"),
    "hold.start": _("put on hold"),
    "notice.receipt": _("told when a letter arrived"),
    "notice.record": _("kept a letter that the law asks for"),
    "import.cancel": _("cancelled an import"),
    "import.take_files": _("took in files"),
    "import.write": _("imported tables"),
    "invoice.change": _("changed an invoice"),
    "invoice.correct_total": _("corrected an invoice"),
    "invoice.credit": _("credited an invoice"),
    "invoice.escalate": _("handed an invoice over"),
    "invoice.fee": _("added a fee"),
    "invoice.interest": _("added interest"),
    "invoice.record": _("recorded an invoice"),
    "invoice.write_off": _("wrote an invoice off"),
    "law.approve": _("approved the organisation's own law"),
    "law.draft": _("drafted law of the organisation's own"),
    "law.end": _("took the organisation's own law out of force"),
    "law.reject": _("sent the organisation's own law back"),
    "law.submit": _("submitted law of the organisation's own"),
    "law.withdraw": _("withdrew law of the organisation's own"),
    "message.cancel": _("cancelled a message"),
    "message.resolve": _("said what became of a message"),
    "message.write": _("had a message written"),
    "note.write": _("wrote a note"),
    "organisation.change": _("changed the organisation"),
    "organisation.change_preferences": _("changed the settings"),
    "organisation.make": _("made the organisation"),
    "organisation.pause": _("paused everything"),
    "organisation.resume": _("let everything go on"),
    "payment.allocate": _("allocated a payment"),
    "payment.change": _("changed a payment"),
    "payment.record": _("recorded a payment"),
    "payment.reverse": _("took a payment back"),
    "person.add": _("let somebody in"),
    "person.change_role": _("changed somebody's role"),
    "person.invite": _("made a link for a first password"),
    "person.remove": _("took somebody away"),
    "person.remove_second_factor": _("took away somebody's second factor"),
    "person.set_skills": _("changed somebody's skills"),
    "plan.agree": _("agreed on paying in parts"),
    "plan.broken": _("marked a payment plan as not kept"),
    "plan.cancel": _("cancelled a payment plan"),
    "plan.completed": _("marked a payment plan as completed"),
    "policy.approve": _("approved rules"),
    "policy.begin": _("put rules in force"),
    "policy.draft": _("drafted rules"),
    "policy.reject": _("sent rules back"),
    "policy.submit": _("submitted rules"),
    "policy.withdraw": _("withdrew rules"),
    "predictor.fit": _("fitted a predictor"),
    "predictor.put_to_work": _("put a predictor to work"),
    "predictor.request": _("asked for a new predictor"),
    "promise.broken": _("marked a promise as not kept"),
    "promise.kept": _("marked a promise as kept"),
    "promise.make": _("recorded a promise"),
    "promise.withdraw": _("withdrew a promise"),
    "rights.answer": _("answered a request about personal data"),
    "rights.expire": _("removed personal data that had run out"),
    "rights.export": _("exported a person's data"),
    "rights.extend": _("took more time for a request"),
    "rights.request": _("took in a request about personal data"),
    "signal.see": _("noted a signal as seen"),
    "text.approve": _("put a text of messages in use"),
    "text.draft": _("drafted a text of messages"),
    "text.reject": _("sent a text of messages back"),
    "text.retire": _("took a text of messages out of use"),
    "text.submit": _("submitted a text of messages"),
    "text.test": _("sent a message to themselves"),
    "text.withdraw": _("withdrew a text of messages"),
    "strategy.set": _("set what holds for a segment"),
    "task.claim": _("claimed a case"),
    "task.finish": _("finished a case"),
    "task.give_back": _("gave a case back"),
    "webhook.redeliver": _("sent a webhook again"),
    "webhook.register": _("registered a webhook"),
    "webhook.remove": _("removed a webhook"),
}
# Of which kind of subject there is a screen.
_SCREENS = {"customer": "customer", "invoice": "invoice", "person": "person"}


def words_of(action: str) -> Promise | str:
    """Say what was done."""
    return _WORDS.get(action) or action.replace(".", ": ").replace("_", " ")


def address_of(organisation: Organisation, subject: str) -> str:
    """Return the screen of what was changed, or nothing where there is none."""
    kind, _colon, key = subject.partition(":")
    if kind not in _SCREENS or not key:
        return ""
    try:
        return reverse(f"workbench:{_SCREENS[kind]}", args=[organisation.slug, key])
    except NoReverseMatch:
        return ""
