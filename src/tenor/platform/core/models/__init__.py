"""The tables of core."""

from tenor.platform.core.models.audit import AuditEntry, AuditHead
from tenor.platform.core.models.jobs import Job
from tenor.platform.core.models.keys import ApiKey, IdempotentAnswer
from tenor.platform.core.models.organisations import Membership, Organisation, User

__all__ = [
    "ApiKey",
    "AuditEntry",
    "AuditHead",
    "IdempotentAnswer",
    "Job",
    "Membership",
    "Organisation",
    "User",
]
