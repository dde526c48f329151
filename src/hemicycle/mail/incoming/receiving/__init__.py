"""Receiving mail: SMTP and LMTP listeners, mailboxes over IMAP, the store, and the process."""
