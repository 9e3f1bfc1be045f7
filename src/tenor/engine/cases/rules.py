"""Which rule of a worked case is which function of the engine.

A rule is a name and a function from the case's input (a JSON object with decimals exact) to its
result (names to `Decimal`, text, number, flag or None). A subject keeps its rules in one file.
"""

from collections.abc import Callable, Mapping

from tenor.engine.cases import (
    belgium,
    channel_policy,
    contact,
    costs,
    fairness,
    france,
    holds,
    interest,
    kpis,
    notices,
    payments,
    reg_f,
    replies,
    rights,
    terms,
)
from tenor.engine.cases.values import Input, Result

RULES: Mapping[str, Callable[[Input], Result]] = {
    **kpis.RULES,
    **france.RULES,
    **belgium.RULES,
    **costs.RULES,
    **interest.RULES,
    **terms.RULES,
    **payments.RULES,
    **holds.RULES,
    **notices.RULES,
    **rights.RULES,
    **fairness.RULES,
    **contact.RULES,
    **channel_policy.RULES,
    **reg_f.RULES,
    **replies.RULES,
}
