"""How complete the interface is in each language.

`strings` counts the messages of the sources, `translated` those with a translation for each plural
form, and `conflicts` the translations that do not use the terms of the glossary
(`tools/glossary.py`). English is the language of the sources.
"""

from typing import Any

from tools import catalogues, glossary

FIGURES = ("strings", "languages")


def run() -> dict[str, Any]:
    """Return the total of `strings`, and `strings`, `translated` and `conflicts` by language."""
    wanted = [message for message in catalogues.collect(catalogues.SOURCES) if message.id]
    found = {"en": {"strings": len(wanted), "translated": len(wanted), "conflicts": 0}}
    for path in sorted(catalogues.LOCALES.glob("*/LC_MESSAGES/django.po")):
        catalog, language = catalogues.read(path), catalogues.language_of(path)
        known = [catalog.get(message.id, message.context) for message in wanted]
        found[language] = {
            "strings": len(wanted),
            "translated": sum(bool(m) and catalogues.is_translated(m) for m in known),
            "conflicts": len(list(glossary.read().conflicts(catalog, language))),
        }
    return {"strings": len(wanted), "languages": found}
