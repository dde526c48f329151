"""Mail on its way in: SMTP and LMTP listeners, mailboxes over IMAP, the store, the process."""
