"""The screens of what comes back: the inbox, a reply, its files, the mailbox."""
