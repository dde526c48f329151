"""Parse a message: headers, text, attachments and the kind of sender. No database."""
