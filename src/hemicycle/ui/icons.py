"""The icons: a few strokes each on a grid of 24, drawn for Hemicycle.

A status is shown by the shape first, so no two tones share one.
"""

from functools import cache

from django.utils.safestring import SafeString, mark_safe

_STROKES = {
    "check": '<path d="M5 13l4 4L19 7"/>',
    "double-check": '<path d="M2 13l4 4L15 7"/><path d="M11 16l1 1L22 7"/>',
    "cross": '<path d="M6 6l12 12M18 6L6 18"/>',
    "alert": '<path d="M12 3.5L22 20.5H2z"/><path d="M12 10v5M12 17.6v.2"/>',
    "stop": '<path d="M8 2.5h8l5.5 5.5v8L16 21.5H8L2.5 16V8z"/><path d="M12 7.5v5.5M12 16v.2"/>',
    "info": '<circle cx="12" cy="12" r="9.5"/><path d="M12 11v6M12 7v.2"/>',
    "clock": '<circle cx="12" cy="12" r="9.5"/><path d="M12 6.5V12l4 2.5"/>',
    "ring": '<circle cx="12" cy="12" r="8"/>',
    "dash": '<path d="M5 12h14"/>',
    "pause": '<path d="M8 5v14M16 5v14"/>',
    "lock": '<rect x="5" y="11" width="14" height="10"/><path d="M8 11V7.5a4 4 0 018 0V11"/>',
    "mail": '<rect x="3" y="5" width="18" height="14" rx="2"/><path d="M3.5 7l8.5 6 8.5-6"/>',
    "mic": '<path d="M9 6a3 3 0 016 0v5a3 3 0 01-6 0zM5.5 11a6.5 6.5 0 0013 0M12 17.5V21"/>',
    "mic-off": '<path d="M9 6a3 3 0 016 0v5M5.5 11a6.5 6.5 0 0013 0M12 17.5V21M3 3l18 18"/>',
    "speaker": '<path d="M4 9.5v5h3.5L13 19V5L7.5 9.5zM16.5 8.5a5 5 0 010 7M19 6a8 8 0 010 12"/>',
    "pen": '<path d="M4 20l1-5L16 4l4 4L9 19z"/>',
    "screen": '<path d="M3 4h18v13H3zM8 21h8M10.5 8v5l4-2.5z"/>',
    "search": '<circle cx="10.5" cy="10.5" r="6.5"/><path d="M15.5 15.5L21 21"/>',
    "file": '<path d="M6 3h8l5 5v13H6z"/><path d="M13.5 3v5.5H19"/>',
    "copy": '<rect x="9" y="9" width="11" height="12" rx="2"/><path d="M15 9V4H4v12h5"/>',
    "undo": '<path d="M4 9h10a6 6 0 010 12H9"/><path d="M8 4.5L3.5 9 8 13.5"/>',
    "person": '<circle cx="12" cy="8" r="4"/><path d="M4 21a8 8 0 0116 0"/>',
    "globe": '<circle cx="12" cy="12" r="9.5"/>'
    '<path d="M2.5 12h19M12 2.5c5 5 5 14 0 19-5-5-5-14 0-19"/>',
    "forward": '<path d="M5 12h14M13 6l6 6-6 6"/>',
    "up": '<path d="M6 14l6-6 6 6"/>',
    "down": '<path d="M6 10l6 6 6-6"/>',
    "sort": '<path d="M8 10l4-5 4 5M8 14l4 5 4-5"/>',
}
_SOLID = {
    "dot": '<circle cx="12" cy="12" r="7"/>',
    "play": '<path d="M7 4l13 8-13 8z"/>',
    "half": '<path d="M12 4a8 8 0 010 16z"/><path fill="none" d="M12 4a8 8 0 000 16z"/>',
}
_TURNS = {"forward", "undo", "play"}  # these point in the direction of reading


@cache
def icon(name: str) -> SafeString:
    """Return the icon as inline SVG, hidden from assistive technology: put a word beside it."""
    solid = name in _SOLID
    drawing = _SOLID[name] if solid else _STROKES[name]
    classes = "icon" + " icon--solid" * solid + " icon--turn" * (name in _TURNS)
    return mark_safe(  # noqa: S308 - only the constants above
        f'<svg class="{classes}" viewBox="0 0 24 24" aria-hidden="true">{drawing}</svg>'
    )
