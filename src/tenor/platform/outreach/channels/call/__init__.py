"""Calls are made by people: a decision to call becomes a task in the worklist, with its script."""

from tenor.platform.outreach.channels.contract import Rendered
from tenor.platform.wording.draft import Draft

NAME = "call"


def script(draft: Draft) -> Rendered:
    """Return what somebody who calls may say, in the order in which it is said."""
    parts = (draft.greeting, *draft.paragraphs, *draft.after, *draft.closing)
    return Rendered(draft.subject, "\n\n".join(part for part in parts if part))
