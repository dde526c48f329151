"""Parse a message: headers, text, attachments and kind of sender. Uses no database."""
