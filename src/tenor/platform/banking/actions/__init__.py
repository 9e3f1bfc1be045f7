"""What can be done with the bank's files and lines: a business verb each."""

from tenor.platform.banking.actions.files import look_at_lines, take_file, take_upload
from tenor.platform.banking.actions.lines import (
    book_line,
    book_proposal,
    return_line,
    set_line_aside,
    undo_line,
)
from tenor.platform.banking.booking import Part

__all__ = [
    "Part",
    "book_line",
    "book_proposal",
    "look_at_lines",
    "return_line",
    "set_line_aside",
    "take_file",
    "take_upload",
    "undo_line",
]
