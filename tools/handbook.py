"""Build the handbook from `docs/`: `make docs`, or `python -m tools.handbook [FOLDER]`.

It is written into the package, where the site serves it under `/help/`, or into FOLDER.
`docs/README.md` is its first page: each list of links there is a part of the contents, in the same
order. The pages in the repository's root are included.

A broken link to a page, a heading or a file of the repository stops the build, also in `README.md`.
The output loads nothing from other sites and has no inline scripts or styles, so that it works
offline and under the site's content security policy.
"""

import hashlib
import re
import shutil
import sys
import tempfile
from collections.abc import Iterator
from io import StringIO
from os.path import normpath, relpath
from pathlib import Path, PurePosixPath

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BUILT = ROOT / "src/hemicycle/site/about/handbook_pages"
STAMP = ".built"
"""The file with the hash of the sources, and of this module, with which the handbook was built."""
FROM_ROOT = {
    "README.md": "overview.md",
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "SECURITY.md": "security-policy.md",
    "CHANGELOG.md": "changes.md",
}
"""Pages of the repository's root, by their names in the handbook."""
RENAMED = {"README.md": "index.md", "decisions/README.md": "decisions/index.md"}
"""Pages of `docs/` with another name in the handbook: a web server shows a folder's index."""
DECISIONS = PurePosixPath("docs/decisions")
ORPHAN = "---\norphan: true\n---\n\n"
"""Precedes each page that only its index links to. With the decisions in the menu of every page,
the handbook would be a sixth larger.
"""
_LINK = re.compile(r"(?<!\\)(!?)\[((?:[^\[\]]|\[[^\]]*\])*)\]\(([^()\s]+)\)")
_FENCE = re.compile(r"^(?:```|~~~)", re.MULTILINE)
_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)
_STYLE = re.compile(r"<style>(.*?)</style>", re.DOTALL)
_INDENTS = re.compile(r"(<pre\b.*?</pre>)|\n\s+", re.DOTALL)
"""The indentation of Furo's templates, which has no effect outside `pre`: 5% of the handbook."""
_UNSTYLED = re.compile(
    r'<!--.*?-->| class="row-(?:odd|even)"|<span class="pre">([^<]*)</span>'
    r'|<meta name="viewport" content="width=device-width, initial-scale=1" />',
    re.DOTALL,
)
"""Markup that Furo's styles do not use, and the second of two viewports: 5% of the handbook."""
_ICON = re.compile(r'<symbol id="([^"]+)".*?</symbol>', re.DOTALL)
_CREDIT = re.compile(r'(<div class="left-details">).*?(</div>\s*<div class="right-details">)', re.S)
STYLES = {"opacity: 50%": 'opacity="0.5"', "display: none;": 'width="0" height="0"'}
"""Attributes that replace the inline styles of Furo's icons."""
STYLE = Path(__file__).with_suffix(".css")
OPTIONS = {
    "project": "Hemicycle",
    "language": "en",
    "extensions": ["myst_parser"],
    "html_theme": "furo",
    "html_title": "Hemicycle: the handbook",
    "html_favicon": str(ROOT / "src/hemicycle/ui/static/img/mark.svg"),
    "html_static_path": ["_own"],
    "html_css_files": [STYLE.name],
    "html_copy_source": False,
    "html_show_copyright": False,
    "html_show_sphinx": False,
    "html_use_index": False,
    "html_theme_options": {
        "light_css_variables": {"color-brand-primary": "#0a4a63", "color-brand-content": "#0a4a63"},
        "dark_css_variables": {"color-brand-primary": "#7cc4e0", "color-brand-content": "#7cc4e0"},
    },
    "myst_heading_anchors": 4,
    "highlight_language": "none",
    "nitpicky": True,
}


class BrokenLinks(Exception):
    """The handbook has broken links; the message has a line for each."""


def is_built() -> bool:
    """Return whether the package has a handbook that was built from the current sources."""
    stamp = BUILT / STAMP
    return stamp.exists() and stamp.read_text() == fingerprint()


def fingerprint() -> str:
    """Return a hash of all files from which the handbook is built."""
    files = [
        Path(__file__),
        STYLE,
        *(ROOT / name for name in FROM_ROOT),
        *sorted(DOCS.rglob("*.*")),
    ]
    found = hashlib.sha256()
    for file in files:
        found.update(f"{file.relative_to(ROOT)}\0".encode() + file.read_bytes())
    return found.hexdigest()


def build(target: Path = BUILT) -> None:
    """Build the handbook in `target`, which is replaced.

    Raises BrokenLinks for broken links and for all other warnings of Sphinx.
    """
    from sphinx.application import Sphinx  # the build hook imports this file without Sphinx

    warnings = StringIO()
    with tempfile.TemporaryDirectory() as scratch:
        source, made = Path(scratch, "source"), Path(scratch, "made")
        assemble(source)
        sphinx = Sphinx(
            source,
            None,
            made,
            Path(scratch, "doctrees"),
            "html",
            confoverrides=OPTIONS,
            status=None,
            warning=warnings,
        )
        sphinx.build()
        # A second build in one process registers the same extensions again, which is harmless.
        lines = [line for line in warnings.getvalue().splitlines() if line.strip()]
        if faults := [line for line in lines if "already registered" not in line]:
            raise BrokenLinks("\n".join(faults))
        for page in made.rglob("*.html"):
            page.write_text(without_inline(page, made), "utf-8")
        for left in (".buildinfo", "objects.inv"):
            (made / left).unlink(missing_ok=True)
        shutil.rmtree(made / "_sources", ignore_errors=True)
        # Only the theme's developers need the source maps of its styles and scripts.
        for source_map in made.rglob("*.map"):
            source_map.unlink()
        (made / STAMP).write_text(fingerprint())
        shutil.rmtree(target, ignore_errors=True)
        shutil.copytree(made, target)


# ── Sources ───────────────────────────────────────────────────────────────────────────────────
def assemble(folder: Path) -> None:
    """Write the sources for Sphinx into `folder`, with changed names, links and contents.

    Raises BrokenLinks if a link names a file that does not exist.
    """
    broken: list[str] = []
    for origin, name in _pages().items():
        page = folder / name
        page.parent.mkdir(parents=True, exist_ok=True)
        text = _linked(origin, name, broken)
        if name == "index.md":
            text += f"\n{contents_of(text)}"
        elif PurePosixPath(origin).parent == DECISIONS and "/index" not in name:
            text = ORPHAN + text
        page.write_text(text)
    if broken:
        raise BrokenLinks("\n".join(broken))
    shutil.copytree(DOCS / "pictures", folder / "pictures")
    (folder / "_own").mkdir()
    shutil.copy(STYLE, folder / "_own")


def _pages() -> dict[str, str]:
    """Return the name of each page in the handbook, by its path in the repository."""
    own = [page.relative_to(DOCS).as_posix() for page in sorted(DOCS.rglob("*.md"))]
    return FROM_ROOT | {f"docs/{name}": RENAMED.get(name, name) for name in own}


def _linked(origin: str, name: str, broken: list[str]) -> str:
    """Return the text of a page with the handbook's links; add broken ones to `broken`."""

    def changed(found: re.Match[str]) -> str:
        mark, label, target = found.groups()
        if re.match(r"[a-z]+:|#", target):
            return found[0]
        file, hash_, anchor = target.partition("#")
        path = normpath((PurePosixPath(origin).parent / file).as_posix())
        if not (ROOT / path).exists():
            broken.append(f"{origin}: {target}")
            return found[0]
        if mark:
            place = relpath(PurePosixPath(path).relative_to("docs"), PurePosixPath(name).parent)
            return f"![{label}]({place})"
        if path in pages:
            return f"[{label}]({relpath(pages[path], PurePosixPath(name).parent)}{hash_}{anchor})"
        return label  # a file that is not a page of the handbook

    pages = _pages()
    text = (ROOT / origin).read_text("utf-8")
    parts = _FENCE.split(text)  # every second part is code
    return "```".join(
        part if index % 2 else _LINK.sub(changed, part) for index, part in enumerate(parts)
    )


def contents_of(index: str) -> str:
    """Return the tables of contents for Sphinx: one for each heading with a list of links."""
    tables = []
    for caption, part in _parts(index):
        pages = re.findall(r"^(?:- |\| )\[[^\]]+\]\(([^)#]+)\.md\)", part, re.MULTILINE)
        if pages:
            lines = ["```{toctree}", ":hidden:", f":caption: {caption}", "", *pages, "```"]
            tables.append("\n".join(lines))
    return "\n\n".join(tables) + "\n"


def _parts(text: str) -> Iterator[tuple[str, str]]:
    caption, *rest = re.split(r"^#+ (.+)\n", text, flags=re.MULTILINE)[1:]
    yield caption, rest[0] if rest else ""
    yield from zip(rest[1::2], rest[2::2], strict=True)


# ── Pages ─────────────────────────────────────────────────────────────────────────────────────
def without_inline(page: Path, made: Path) -> str:
    """Return a page whose inline scripts and styles are moved to files below `made`.

    Markup that has no effect, and Furo's credit with its link to another site, are left out.
    """
    text = page.read_text("utf-8")
    up = relpath(made / "_static", page.parent)

    def into(suffix: str, tag: str, found: re.Match[str]) -> str:
        content = found[1].strip()
        name = f"inline-{hashlib.sha256(content.encode()).hexdigest()[:8]}.{suffix}"
        (made / "_static" / name).write_text(content + "\n", "utf-8")
        return tag.format(f"{up}/{name}")

    text = text.replace('role="heading"', 'role="heading" aria-level="2"')
    for style, attribute in STYLES.items():
        text = text.replace(f'style="{style}"', attribute)
    text = _SCRIPT.sub(lambda found: into("js", '<script src="{}"></script>', found), text)
    text = _STYLE.sub(lambda found: into("css", '<link rel="stylesheet" href="{}">', found), text)
    text = _INDENTS.sub(lambda found: found[1] or "\n", text)
    text = _UNSTYLED.sub(lambda found: found[1] or "", text)
    text = _ICON.sub(lambda found: found[0] if f'"#{found[1]}"' in text else "", text)
    return _CREDIT.sub(r"\1\2", text)


def main(arguments: list[str]) -> int:
    """Build the handbook in the given folder or in the package; return 1 for broken links."""
    target = Path(arguments[0]) if arguments else BUILT
    try:
        build(target)
    except BrokenLinks as error:
        print(f"These links lead nowhere:\n{error}", file=sys.stderr)
        return 1
    size = sum(file.stat().st_size for file in target.rglob("*") if file.is_file())
    print(f"The handbook is in {target} ({size / 2**20:.1f} MB); open index.html.")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
