"""The wheel and the source distribution: whole, and enough to serve a site anywhere."""

import os
import platform
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import time
import tomllib
import zipfile
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tools import deb, slim

pytestmark = [pytest.mark.test_all("packaging"), pytest.mark.slow]

ROOT = Path(__file__).parents[2]
DEBIAN = ROOT / "deploy/debian"
UV = Path(sys.executable).with_name("uv")
START_S = 180.0
BUILT_IN = (
    "ui/static/vendor/htmx/htmx.min.js",
    "ui/static/vendor/hls/hls.min.js",
    "ui/static/vendor/fonts/noto-sans-latin-400-normal.woff2",
    "ui/static/vendor/fonts/han/han.css",
    "fonts/amiri/covered.json",
    "fonts/noto-serif-sc/LICENSE",
    "locale/ar/LC_MESSAGES/django.mo",
    "site/about/handbook_pages/index.html",
)
"""One file of each kind that a checkout lacks because it is built or downloaded."""


def build(source: Path, target: str, folder: Path, **environment: str) -> Path:
    command = [sys.executable, "-m", "hatchling", "build", "-t", target, "-d", str(folder)]
    done = subprocess.run(
        command, cwd=source, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return next(folder.glob("*.whl" if target == "wheel" else "*.tar.gz"))


@pytest.fixture(scope="module")
def sdist(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build(ROOT, "sdist", tmp_path_factory.mktemp("sdist"), **os.environ)


@pytest.fixture(scope="module")
def wheel(sdist: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The wheel, built from the source distribution alone, without git, Node or npm."""
    folder = tmp_path_factory.mktemp("wheel")
    with tarfile.open(sdist) as archive:
        archive.extractall(folder, filter="data")
    return build(folder / sdist.name.removesuffix(".tar.gz"), "wheel", folder, PATH="/nowhere")


@pytest.fixture(scope="module")
def installed(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The `bin` folder of an environment with the wheel and its runtime requirements."""
    environment = tmp_path_factory.mktemp("environment")
    python = environment / "bin/python"
    install: list[str | Path] = [UV, "pip", "install", "--quiet", "--python", python]
    subprocess.run([UV, "venv", "--quiet", "--python", sys.executable, environment], check=True)
    requirements: list[str | Path] = [
        "--require-hashes",
        "--requirement",
        ROOT / "requirements.txt",
    ]
    subprocess.run([*install, *requirements], check=True)
    subprocess.run([*install, "--no-deps", wheel], check=True)
    return environment / "bin"


@pytest.fixture(scope="module")
def address(installed: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of `hemicycle up`, started outside the repository with an empty home folder."""
    folder = tmp_path_factory.mktemp("home")
    environment = {"HOME": str(folder), "PATH": f"{installed}:/usr/bin:/bin"}
    with (folder / "log").open("wb") as log:
        process = subprocess.Popen(
            ["hemicycle", "up", "--port", "0"],
            cwd=folder,
            env=environment | {"PYTHONUNBUFFERED": "1"},
            executable=installed / "hemicycle",
            stdout=log,
            stderr=subprocess.STDOUT,
        )
    try:
        yield said_address(process, folder / "log")
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(30)
    said = (folder / "log").read_text()
    assert "Traceback" not in said, said


def said_address(process: subprocess.Popen[bytes], log: Path) -> str:
    limit = time.monotonic() + START_S
    while time.monotonic() < limit and process.poll() is None:
        if found := re.search(r"Hemicycle is at (http://\S+)/", log.read_text()):
            return found[1]
        time.sleep(0.1)
    raise AssertionError(f"it does not serve:\n{log.read_text()}")


def get(url: str, language: str = "en") -> tuple[str, str]:
    """Return the body and the `Cache-Control` header of an answer."""
    with urlopen(Request(url, headers={"Accept-Language": language}), timeout=START_S) as answer:
        return answer.read().decode(errors="replace"), answer.headers.get("Cache-Control", "")


def test_both_forms_have_what_a_checkout_does_not(sdist: Path, wheel: Path) -> None:
    with tarfile.open(sdist) as archive:
        in_source = {name.partition("/src/hemicycle/")[2] for name in archive.getnames()}
    with zipfile.ZipFile(wheel) as package:
        in_wheel = {name.removeprefix("hemicycle/") for name in package.namelist()}
    assert set(BUILT_IN) - in_source == set()
    assert set(BUILT_IN) - in_wheel == set()
    own = {
        str(path.relative_to(ROOT / "src/hemicycle"))
        for path in sources()
        if path.suffix != ".po"  # only the compiled catalogues are installed
    }
    assert own - in_wheel == set()


def sources() -> list[Path]:
    listed = subprocess.check_output(["git", "ls-files", "-z", "src/hemicycle"], cwd=ROOT)
    return [ROOT / name for name in listed.decode().split("\0") if name]


def test_the_wheel_brings_no_tests_and_no_tools(wheel: Path) -> None:
    with zipfile.ZipFile(wheel) as package:
        folders = {name.partition("/")[0] for name in package.namelist()}
    assert folders == {"hemicycle", f"hemicycle-{version('hemicycle')}.dist-info"}


def test_the_wheel_wants_what_the_project_names(installed: Path) -> None:
    """`pip check` finds nothing missing in an environment with only the runtime requirements."""
    done = subprocess.run(
        [UV, "pip", "check", "--quiet", "--python", installed / "python"],
        capture_output=True,
        text=True,
        check=False,
    )
    assert (done.returncode, done.stdout, done.stderr) == (0, "", "")


def test_the_build_tools_are_those_that_the_hook_runs() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())
    locked = (ROOT / "requirements-build.txt").read_text()
    for tool in [*project["dependency-groups"]["build"], *project["build-system"]["requires"]]:
        assert f"\n{tool.partition('>')[0]}==" in f"\n{locked}"


def test_the_first_page_comes_with_its_hashed_files(address: str) -> None:
    page, _caching = get(f"{address}/")
    assert re.search(r'<html\s+lang="en"\s+dir="ltr"', page)
    files = set(re.findall(r'(?:src|href)="(/static/[^"#?]+)"', page))
    assert files
    for file in files:
        assert re.search(r"\.[0-9a-f]{12}\.\w+$", file), file
        _body, caching = get(address + file)
        assert "immutable" in caching


def test_arabic_comes_from_the_compiled_catalogue(address: str) -> None:
    page, _caching = get(f"{address}/", "ar")
    assert re.search(r'<html\s+lang="ar"\s+dir="rtl"', page)
    assert re.search(r"<h1[^>]*>\s*[\u0600-\u06ff]", page)


def test_fonts_and_the_hearing_that_is_rehearsed_are_found(installed: Path, tmp_path: Path) -> None:
    program = """
import django
django.setup()
from hemicycle.documents.writing import fonts as of_papers
from hemicycle.engine.video import fonts as of_pictures
from hemicycle.site.rehearsal import scenes
of_papers.installed(), of_pictures.installed(), scenes.read()
"""
    environment = {
        "DJANGO_SETTINGS_MODULE": "hemicycle.site.settings",
        "HEMICYCLE_DATA_DIR": str(tmp_path),
    }
    done = subprocess.run(
        [installed / "python", "-c", program],
        check=False,
        cwd="/",
        env=environment,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")


@pytest.fixture(scope="module")
def unpacked(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """The folders of the Debian package made of the wheel: its files, and its control files."""
    if shutil.which("dpkg-deb") is None:
        pytest.skip("there is no dpkg-deb (Debian: dpkg)")
    package = deb.build(wheel, deb.MACHINES[platform.machine()])
    folder = tmp_path_factory.mktemp("deb")
    subprocess.run(["dpkg-deb", "--raw-extract", package, folder], check=True)
    package.unlink()
    return folder, folder / "DEBIAN"


def test_the_package_of_debian_has_what_its_services_need(unpacked: tuple[Path, Path]) -> None:
    root, control = unpacked
    for unit in sorted((ROOT / "deploy/systemd").iterdir()):
        assert (root / "usr/lib/systemd/system" / unit.name).read_bytes() == unit.read_bytes()
    for script in ("postinst", "prerm", "postrm"):
        assert os.access(control / script, os.X_OK)
        subprocess.run(["sh", "-n", control / script], check=True)
    assert f"Version: {version('hemicycle')}-1\n" in (control / "control").read_text()
    assert "@SECRET@" in (root / "usr/share/hemicycle/hemicycle.env").read_text()
    assert not (root / "etc/hemicycle/hemicycle.env").exists()  # each machine makes its own
    packages = root / "opt/hemicycle/lib"
    assert [path for path in packages.rglob("*") if path.suffix in slim.UNREAD] == []


def test_every_setting_of_the_package_is_one_of_ours() -> None:
    settings = (ROOT / "docs/settings.md").read_text()
    named = re.findall(r"^#?(HEMICYCLE_\w+)=", (DEBIAN / "hemicycle.env").read_text(), re.M)
    assert named
    assert [name for name in named if f"| `{name}`" not in settings] == []


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can put the package where it belongs")
@pytest.mark.skipif(sys.version_info[:2] != deb.PYTHON, reason="the package is for Debian's Python")
def test_the_package_runs_where_it_will_be_installed(unpacked: tuple[Path, Path]) -> None:
    """The package runs in a mount namespace of its own, in which it is at /opt."""
    root, _control = unpacked
    command = 'mount --bind "$1" /opt && cd / && exec /opt/hemicycle/bin/hemicycle --help'
    done = subprocess.run(
        ["unshare", "--mount", "sh", "-c", command, "sh", root / "opt"],
        env={"PATH": "/usr/bin:/bin"},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert "serve the pages and the feed" in done.stdout
