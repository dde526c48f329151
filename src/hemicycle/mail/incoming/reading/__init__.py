"""Reading a message: headers, text, attachments, and what kind of sender wrote it. No database."""
