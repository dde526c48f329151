"""Build a program in Go from Debian's packages alone, without fetching anything."""

import os
import shutil
import subprocess
from pathlib import Path

BUILT = Path(__file__).parents[2] / ".venv/clients"
PACKAGES = Path("/usr/share/gocode")
PION = PACKAGES / "src/github.com/pion/webrtc"
NEEDED = "Go and Pion (Debian: apt-get install golang-go golang-github-pion-webrtc.v3-dev)"


def missing() -> str:
    """Return a sentence on what is missing, or "" if nothing is."""
    return "" if shutil.which("go") and PION.is_dir() else f"It needs {NEEDED}"


def build(source: Path, program: Path) -> str:
    """Build the folder's program if it is older than its sources; return the error, or "".

    The folder is copied to where Go looks for sources, with a `go.mod`, so that `/v3` in an
    import's path is understood without modules.
    """
    newest = max(file.stat().st_mtime for file in source.glob("*.go"))
    if program.exists() and program.stat().st_mtime > newest:
        return ""
    sources = BUILT / "go"
    folder = sources / "src/hemicycle.example" / program.name
    shutil.rmtree(folder, ignore_errors=True)
    shutil.copytree(source, folder)
    (folder / "go.mod").write_text(f"module hemicycle.example/{program.name}\n\ngo 1.19\n")
    environment = {
        **os.environ,
        "GO111MODULE": "off",
        "GOFLAGS": "",
        "GOPATH": f"{sources}:{PACKAGES}",
        "GOCACHE": str(BUILT / "go-cache"),
    }
    done = subprocess.run(
        ["go", "build", "-o", str(program), "."],
        cwd=folder,
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if done.returncode == 0 else f"It could not be built: {done.stderr.strip()[:300]}"
