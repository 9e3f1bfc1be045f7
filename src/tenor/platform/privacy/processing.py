"""What an organisation does with personal data, read off its settings: the record of processing,
the summary of risks and measures, and what debtors are told. Nothing here is written by hand, so
that it cannot say something else than what is done.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from django.db.models import Count
from django.utils import formats
from django.utils.translation import gettext as _
from django.utils.translation import override

from tenor.engine.features.catalogue import FEATURES
from tenor.engine.law.pack import Pack
from tenor.engine.law.rights.ai import Place, classify
from tenor.engine.law.rights.retention import Retention
from tenor.engine.law.rights.rights import answer_by
from tenor.engine.policy.policyfile import Policy
from tenor.platform.core import clock
from tenor.platform.core.models import Organisation
from tenor.platform.core.preferences import Preferences, preferences_of
from tenor.platform.decisions.live import live_policy
from tenor.platform.events.models import Webhook
from tenor.platform.governance.models import PredictorVersion
from tenor.platform.governance.queries import live_predictor, strategies
from tenor.platform.ledger.holding import packs_of
from tenor.platform.ledger.models import Consent, Customer
from tenor.platform.privacy.words import RECORD_NAMES, term_of


@dataclass(frozen=True)
class Section:
    """A part of a document: its title, and lines of a name and what is said of it."""

    title: str
    lines: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Facts:
    """What is set and in use today."""

    organisation: Organisation
    preferences: Preferences
    policy: Policy
    predictor: PredictorVersion | None
    automatic: tuple[str, ...]
    packs: tuple[tuple[Pack, int], ...]
    recipients: tuple[str, ...]
    tracked: int

    @property
    def home(self) -> Pack:
        """Return the pack of law that holds where nothing is said of a place."""
        return packs_of(self.organisation)("")

    @property
    def explores(self) -> bool:
        """Say whether anything is tried out at random."""
        return self.predictor is not None and self.policy.exploration.share > 0

    @property
    def hands_over_alone(self) -> bool:
        """Say whether a claim may leave the house without a person."""
        return self.policy.review.escalate_without_person


def facts_of(organisation: Organisation) -> Facts:
    """Read what is set and in use."""
    pack_in = packs_of(organisation)
    counts: dict[str, list[object]] = {}
    rows = Customer.objects.of(organisation).order_by().values_list("country")
    for country, count in rows.annotate(n=Count("pk")):
        pack = pack_in(country)
        known = counts.setdefault(pack.jurisdiction, [pack, 0])
        known[1] = int(str(known[1])) + count
    packs = tuple(
        (pack, int(str(count)))
        for _name, (pack, count) in sorted(counts.items())
        if isinstance(pack, Pack)
    )
    hooks = Webhook.objects.of(organisation).filter(removed_at=None).order_by("pk")
    hosts = dict.fromkeys(
        urlsplit(url).hostname or url for url in hooks.values_list("url", flat=True)
    )
    preferences = preferences_of(organisation)
    own = tuple(name for name, row in strategies(organisation).items() if row.automatic)
    tracking = Consent.objects.of(organisation).filter(channel="open_tracking", granted=True)
    return Facts(
        organisation=organisation,
        preferences=preferences,
        policy=live_policy(organisation),
        predictor=live_predictor(organisation),
        automatic=tuple(dict.fromkeys((*preferences.automatic, *own))),
        packs=packs or ((pack_in(""), 0),),
        recipients=tuple(hosts),
        tracked=tracking.count(),
    )


def record_of_processing(organisation: Organisation) -> list[Section]:
    """Return the record of processing (Regulation (EU) 2016/679 art. 30) as of today."""
    facts = facts_of(organisation)
    return [
        _who(facts),
        _purposes(facts),
        _data(),
        _recipients(facts),
        *[_retention(facts, pack, count) for pack, count in facts.packs],
        _machine(facts),
    ]


def impact_summary(organisation: Organisation) -> list[Section]:
    """Return the risks of what is set today, each with what is done about it (art. 35)."""
    facts = facts_of(organisation)
    return [Section(_("Risks, and what is done about them"), tuple(_risks(facts))), _ai(facts)]


def told_to_debtors(organisation: Organisation, language: str) -> list[str]:
    """Return what people are told about the use of their data (arts 13-14), in their language."""
    facts = facts_of(organisation)
    with override(language):
        return _told(facts)


def as_text(title: str, sections: Sequence[Section]) -> str:
    """Return a document as plain text with headings."""
    parts = [f"# {title}\n"]
    for section in sections:
        parts.append(f"## {section.title}\n")
        parts += [f"- {name}: {said}" if said else f"- {name}" for name, said in section.lines]
        parts.append("")
    return "\n".join(parts)


def _who(facts: Facts) -> Section:
    organisation, preferences = facts.organisation, facts.preferences
    agency = preferences.actor == "agency"
    role = _("collects for others, on their mandate") if agency else _("collects its own claims")
    lines = [
        (_("Organisation"), f"{organisation.name} ({organisation.country})"),
        (_("What it does"), role),
        (_("As of"), formats.date_format(clock.today(organisation), "j F Y")),
    ]
    if preferences.registration_number:
        lines.append((_("Registration"), preferences.registration_number))
    return Section(_("Who is responsible"), tuple(lines))


def _purposes(facts: Facts) -> Section:
    preferences = facts.preferences
    yes, no = _("on"), _("off")
    uses = (
        (_("Preventing that an invoice is forgotten"), preferences.use_prevention),
        (_("Choosing whom to contact, when and how"), preferences.use_prioritisation),
        (_("Sending reminders, and cases for people"), preferences.use_execution),
    )
    basis = _("the contract, and a legitimate interest in being paid; never consent")
    lines = [(name, yes if on else no) for name, on in uses]
    lines += [
        (_("Legal basis"), basis),
        (_("Sending"), _("off: plans are only looked at") if preferences.read_only else yes),
        (_("Channels"), ", ".join(c.name for c in facts.policy.channels) or _("none")),
    ]
    return Section(_("What for"), tuple(lines))


def _data() -> Section:
    lines = [(str(name), "") for name in RECORD_NAMES.values()]
    return Section(_("Which data"), tuple(lines))


def _recipients(facts: Facts) -> Section:
    hooks = [(host, _("is told what happens, by webhook")) for host in facts.recipients]
    channels = [
        (channel.name, _("whoever carries this channel receives address and words"))
        for channel in facts.policy.channels
    ]
    none = [(_("Nobody outside"), "")]
    return Section(_("Who receives data"), tuple([*channels, *hooks] or none))


def _retention(facts: Facts, pack: Pack, customers: int) -> Section:
    lines = []
    today = clock.today(facts.organisation)
    for record, name in RECORD_NAMES.items():
        for provision, rule in pack.in_force("retention", today):
            if isinstance(rule, Retention) and record in rule.records:
                row = provision.on(today)
                source = row.source if row is not None else ""
                lines.append((str(name), f"{term_of(rule)} [{provision.id}; {source}]"))
                break
    title = _("How long, by the law of %(place)s (%(count)s customers)")
    return Section(title % {"place": pack.name, "count": customers}, tuple(lines))


def _machine(facts: Facts) -> Section:
    share = facts.preferences.control_share
    predictor = facts.predictor
    tried = facts.policy.exploration.share if facts.explores else 0.0
    lines = [
        (_("Predictor"), predictor.version if predictor else _("none: a fixed ladder decides")),
        (
            _("Learned from facts until"),
            formats.date_format(predictor.facts_until, "j F Y") if predictor else "–",
        ),
        (_("Tried out at random"), f"{tried:.1%}"),
        (_("Left to the fixed ladder, to compare"), f"{share:.1%}"),
        (_("Goes out without a person"), ", ".join(facts.automatic) or _("nothing")),
        (_("Leaves the house without a person"), _("yes") if facts.hands_over_alone else _("no")),
        (
            _("Opens of messages"),
            _("looked at only with consent: %(count)s customers agreed") % {"count": facts.tracked},
        ),
    ]
    features = [
        (feature.words, f"{feature.unit}; {feature.source}") for feature in FEATURES.values()
    ]
    known = features if predictor else []
    return Section(_("What a machine does, and what it looks at"), (*lines, *known))


def _risks(facts: Facts) -> list[tuple[str, str]]:
    found = [
        (
            _("Somebody is asked who has paid, or who disputes"),
            _("Every message asks the books again before it goes; disputes and holds stop it."),
        ),
        (
            _("A wrong address tells others of a debt"),
            _("An address that bounced is not used again; messages go to their own address alone."),
        ),
    ]
    if facts.predictor is not None:
        found.append(
            (
                _("Profiling: a machine foretells who pays and when"),
                _("Who objects is left to a fixed ladder and taken out of learning; who somebody is"
                  " (sex, origin, health) is never looked at."),
            )
        )  # fmt: skip
    if facts.explores:
        found.append(
            (
                _("Something is tried out at random"),
                _("Only among what is allowed anyway, for a small share, and never with somebody"
                  " vulnerable or who objected."),
            )
        )  # fmt: skip
    if facts.automatic:
        found.append(
            (
                _("Reminders go out without a person"),
                _("Within the law and your rules; a person sees a sample, large amounts and what is"
                  " unsure, and anybody may ask that a person looks again."),
            )
        )  # fmt: skip
    handed = (
        _("A person should confirm this: a machine alone may not decide it (art. 22).")
        if facts.hands_over_alone
        else _("A person signs every hand-over; the law's list is checked before.")
    )
    found.append((_("A claim is handed over to collection"), handed))
    return found


def _ai(facts: Facts) -> Section:
    use = "choose time, channel and tone of reminders"
    if facts.hands_over_alone:
        use += ", hand-over to collection"
    found = classify(facts.home, clock.today(facts.organisation), "payment predictor", use)
    if found is None:
        return Section(_("Rules on artificial intelligence"), ((_("None found here"), ""),))
    named = found.place is Place.LISTED
    said = _("listed as high-risk") if named else _("not listed by name: assess it")
    rule = f"{found.reason.rule}; {found.reason.source}"
    lines = [(_("Predictor of payments"), f"{said} [{rule}]")]
    if found.gates:
        lines.append((_("It opens or closes something serious"), _("treat it as high-risk")))
    return Section(_("Rules on artificial intelligence"), tuple(lines))


def _told(facts: Facts) -> list[str]:
    name = {"who": facts.organisation.name}
    said = [
        _("%(who)s uses your data to send invoices, to receive payment and to remind you.") % name,
        _("We keep your name and addresses, invoices and payments, messages, what we agreed with"
          " you, and what you did with our messages and pages."),
    ]  # fmt: skip
    if facts.predictor is not None and facts.preferences.use_prioritisation:
        said.append(
            _("A computer works out from earlier payments and contacts when and how a reminder"
              " helps most. It does not look at who you are. You may object to this at any time;"
              " then a fixed order of reminders is used for you.")
        )  # fmt: skip
    if facts.explores:
        said.append(
            _("For a small share of customers, the moment or way of a reminder is chosen at random"
              " among what is allowed, to learn what helps.")
        )  # fmt: skip
    if not facts.hands_over_alone:
        said.append(_("No computer decides alone that your case is handed over: a person does."))
    said.append(_("We see whether you opened a message only if you agreed to that."))
    said += _told_terms(facts)
    term = answer_by(facts.home, clock.today(facts.organisation))
    if term is not None:
        said.append(
            _("You may ask for a copy of your data, a correction, erasure, or that a person looks"
              " at a decision again. You hear from us within a month. What the law makes us keep,"
              " we keep for that alone. You may also complain to the authority for data"
              " protection.")
        )  # fmt: skip
    return said


def _told_terms(facts: Facts) -> list[str]:
    today = clock.today(facts.organisation)
    parts = []
    for record in ("invoice", "message", "behaviour event"):
        for _provision, rule in facts.home.in_force("retention", today):
            if isinstance(rule, Retention) and record in rule.records:
                parts.append(f"{RECORD_NAMES[record]}: {term_of(rule)}.")
                break
    return [" ".join([_("How long we keep it:"), *parts])]
