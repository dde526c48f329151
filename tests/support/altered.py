"""Alters a text or bytes slightly, for tests that the result is refused.

A fixed replacement of the end would sometimes change nothing: for one byte in 256, and more often
for the last character of a signature.
"""


def altered_text(text: str) -> str:
    """Return the text with another letter as its last character."""
    return text[:-1] + ("B" if text.endswith("A") else "A")


def altered_bytes(content: bytes) -> bytes:
    """Return the bytes with one bit of the last byte changed."""
    return content[:-1] + bytes([content[-1] ^ 1])
