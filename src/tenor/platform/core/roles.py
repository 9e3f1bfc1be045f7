"""Who may do what: the roles of people and the scopes of API keys, as one table."""

from enum import StrEnum

from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Right(StrEnum):
    """One thing that a person or a key may be allowed to do; every view and route asks for one."""

    SEE = "see"  # customers, invoices, cases, the plan
    WORK = "work"  # claim a case, keep a promise or dispute, write a note, record a call
    MONEY = "money"  # record payments, credit notes, write-offs; reverse
    APPROVE = "approve"  # the plan of the day and waiting decisions
    RULES = "rules"  # draft and submit rules
    RULES_APPROVE = "rules_approve"  # approve rules that somebody else submitted
    LAW = "law"  # sign for a reading of the law that is not simply stricter than the shipped one
    RELEASE = "release"  # sign for a new predictor or policy before it goes live
    IMPORT = "import"  # bring in tables
    ANALYSE = "analyse"  # reports, predictors, exports without names
    AUDIT = "audit"  # read the audit log
    PRIVACY = "privacy"  # requests of people about their own data
    ADMINISTER = "administer"  # people, keys, settings


class Role(StrEnum):
    """What somebody is in an organisation."""

    AGENT = "agent"
    CREDIT_MANAGER = "credit_manager"
    ANALYST = "analyst"
    COMPLIANCE = "compliance"
    ADMINISTRATOR = "administrator"


ROLE_NAMES = {
    Role.AGENT: pgettext_lazy("role", "Collection agent"),
    Role.CREDIT_MANAGER: pgettext_lazy("role", "Credit manager"),
    Role.ANALYST: pgettext_lazy("role", "Analyst"),
    Role.COMPLIANCE: pgettext_lazy("role", "Compliance officer"),
    Role.ADMINISTRATOR: pgettext_lazy("role", "Administrator"),
}
RIGHT_NAMES = {
    Right.SEE: _("See customers, invoices and the plan"),
    Right.WORK: _("Work on cases"),
    Right.MONEY: _("Book payments, credit notes and write-offs"),
    Right.APPROVE: _("Approve the plan"),
    Right.RULES: _("Draft rules"),
    Right.RULES_APPROVE: _("Approve rules"),
    Right.LAW: _("Sign for the organisation's own law"),
    Right.RELEASE: _("Sign for releases"),
    Right.IMPORT: _("Import tables"),
    Right.ANALYSE: _("Reports and predictors"),
    Right.AUDIT: _("Read the audit log"),
    Right.PRIVACY: _("Answer requests about personal data"),
    Right.ADMINISTER: _("People, keys and settings"),
}
RIGHTS: dict[Role, frozenset[Right]] = {
    Role.AGENT: frozenset({Right.SEE, Right.WORK}),
    Role.CREDIT_MANAGER: frozenset(
        {
            Right.SEE,
            Right.WORK,
            Right.MONEY,
            Right.APPROVE,
            Right.RULES,
            Right.RELEASE,
            Right.IMPORT,
            Right.ANALYSE,
        }
    ),
    Role.ANALYST: frozenset({Right.SEE, Right.RULES, Right.RELEASE, Right.ANALYSE, Right.IMPORT}),
    Role.COMPLIANCE: frozenset(
        {
            Right.SEE,
            Right.RULES,
            Right.RULES_APPROVE,
            Right.LAW,
            Right.RELEASE,
            Right.ANALYSE,
            Right.AUDIT,
            Right.PRIVACY,
        }
    ),
    Role.ADMINISTRATOR: frozenset(
        {
            Right.SEE,
            Right.IMPORT,
            Right.AUDIT,
            Right.PRIVACY,
            Right.ADMINISTER,
            Right.RULES_APPROVE,
            Right.RELEASE,
        }
    ),
}


class Scope(StrEnum):
    """What an API key may do."""

    CUSTOMERS = "customers"
    INVOICES = "invoices"
    PAYMENTS = "payments"
    EVENTS = "events"
    SCORES = "scores"
    DECISIONS = "decisions"
    REVIEWS = "reviews"
    WEBHOOKS = "webhooks"


class Access(StrEnum):
    """Whether a scope lets a key read only, or change as well."""

    READ = "read"
    WRITE = "write"


def scopes() -> list[str]:
    """List every scope of a key as it is written: `customers:read`, `customers:write`, …"""
    return [f"{scope}:{access}" for scope in Scope for access in Access]
