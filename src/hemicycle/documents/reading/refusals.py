"""Why a file cannot be read: a code, and for statements a sentence that says how to correct it."""


def gettext_noop(sentence: str) -> str:
    """Mark a sentence for translation; the page that shows it translates `template`."""
    return sentence


SENTENCES: dict[str, str] = {
    "too_large": gettext_noop(
        "“%(name)s” is larger than %(limit)s MB. Make its pictures smaller or remove them, or "
        "save only the text, and send it again."
    ),
    "too_long": gettext_noop(
        "“%(name)s” has more than %(limit)s characters, far more than a statement. Send only "
        "the statement."
    ),
    "not_a_document": gettext_noop(
        "“%(name)s” cannot be read here. Send the statement as PDF, DOCX, ODT or plain text."
    ),
    "kind_not_accepted": gettext_noop(
        "“%(name)s” is %(kind)s. Save it as PDF, DOCX, ODT or plain text, and send the new file."
    ),
    "encrypted": gettext_noop(
        "“%(name)s” is locked with a password. Save a copy without the password and send that."
    ),
    "no_text": gettext_noop(
        "“%(name)s” has only pictures of text, like a scan. Send the original file, or run "
        "text recognition on it first."
    ),
    "bomb": gettext_noop(
        "“%(name)s” is far larger or more deeply nested than a document should be, so we did "
        "not open it. Save the statement again as DOCX, ODT or PDF and send the new file."
    ),
    "timeout": gettext_noop(
        "“%(name)s” took more than %(limit)s seconds to read. Save it as a simpler file, for "
        "example plain text, and send the new file."
    ),
    "memory": gettext_noop(
        "“%(name)s” needs too much memory to read. Save it as a simpler file, for example "
        "plain text, and send the new file."
    ),
    "damaged": gettext_noop(
        "“%(name)s” is damaged or incomplete. Open it on your computer to check it, "
        "save it again, and send the new copy."
    ),
    "empty": gettext_noop("“%(name)s” has no text in it. Check that it is the right file."),
}

KINDS: dict[str, str] = {
    "archive": gettext_noop("an archive of files"),
    "doc": gettext_noop("a document from an older version of Word (.doc) or of another program"),
    "drawing": gettext_noop("an OpenDocument file that is not a text document"),
    "ebook": gettext_noop("an electronic book"),
    "html": gettext_noop("a web page"),
    "macros": gettext_noop("a Word document with macros"),
    "media": gettext_noop("a sound or video recording"),
    "picture": gettext_noop("a picture"),
    "presentation": gettext_noop("a presentation"),
    "rtf": gettext_noop("a rich text (RTF) file"),
    "spreadsheet": gettext_noop("a spreadsheet"),
    "xml": gettext_noop("an XML file"),
}


class UnreadableDocument(Exception):
    """Raised for a file that cannot be read.

    `code` is a key of `SENTENCES` and `kind` a key of `KINDS`, or "". Only these two are passed
    from the worker to its parent, which adds `values`. `sentence` says in English what is wrong
    with a statement and how to correct it. For another language, translate `template` and fill in
    `values`; readers of other documents have their own sentences for the codes.
    """

    def __init__(self, code: str, kind: str = "", values: dict[str, str] | None = None) -> None:
        self.code = code
        self.kind = kind
        self.values = values or {}
        super().__init__(code, kind)

    def __str__(self) -> str:
        return self.sentence

    @property
    def template(self) -> str:
        return SENTENCES[self.code]

    @property
    def sentence(self) -> str:
        return self.template % {"name": "file", "limit": "", "kind": self.kind, **self.values}
