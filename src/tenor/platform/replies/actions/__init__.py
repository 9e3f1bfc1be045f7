"""What is done with what comes back: take it in, follow it, deal with it."""

from tenor.platform.replies.actions.arriving import take_in
from tenor.platform.replies.actions.consents import (
    change_consent,
    complain,
    opt_in,
    opt_out,
)
from tenor.platform.replies.actions.handling import assign, handle, reopen, settle_done
from tenor.platform.replies.actions.helping import answer_due
from tenor.platform.replies.actions.mailboxes import set_mailbox, stop_mailbox
from tenor.platform.replies.actions.news import apply_waiting, hear, saw_opening
from tenor.platform.replies.actions.pages import write_on_page

__all__ = [
    "answer_due",
    "apply_waiting",
    "assign",
    "change_consent",
    "complain",
    "handle",
    "hear",
    "opt_in",
    "opt_out",
    "reopen",
    "saw_opening",
    "set_mailbox",
    "settle_done",
    "stop_mailbox",
    "take_in",
    "write_on_page",
]
