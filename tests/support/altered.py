"""What was changed by one character or byte, for tests that it must be refused.

A fixed end would equal the genuine one now and then: one byte in 256, and more often in signatures.
"""


def altered_text(text: str) -> str:
    """The text with another last character, which is a letter too."""
    return text[:-1] + ("B" if text.endswith("A") else "A")


def altered_bytes(content: bytes) -> bytes:
    """The bytes with one bit of the last one changed."""
    return content[:-1] + bytes([content[-1] ^ 1])
