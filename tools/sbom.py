"""The software bill of materials, made from the locks, and the advisories that concern it.

`python -m tools.sbom --output sbom.json` writes CycloneDX 1.6: every Python and front-end package
with its version and licence, and with its hash if the lock has a single one. Packages that only
developers use have the scope `excluded`. With `--advisories PATH` (a file, a folder or a ZIP
archive of advisories in OSV's format, such as OSV's published databases), each package is compared
with the advisories. There is a line for each finding, and the exit code is then 1. The program does
not use the network.
"""

import argparse
import base64
import json
import re
import sys
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any, NamedTuple

from cyclonedx.contrib.license.factories import LicenseFactory
from cyclonedx.model import HashAlgorithm, HashType
from cyclonedx.model.bom import Bom
from cyclonedx.model.component import Component, ComponentScope, ComponentType
from cyclonedx.output.json import JsonV1Dot6
from packageurl import PackageURL
from packaging.version import InvalidVersion
from packaging.version import Version as PythonVersion
from semver import Version as NpmVersion

ROOT = Path(__file__).parents[1]
_PIN = re.compile(r"^([A-Za-z0-9._-]+)(?:\[[^]]*\])?==([^\s;\\]+)", re.MULTILINE)
ECOSYSTEMS = {"pypi": "PyPI", "npm": "npm"}
"""OSV's name for each kind of package."""


@dataclass(frozen=True, slots=True)
class Package:
    """A locked package; `kind` is the type in its package URL, `sha512` is hexadecimal or ""."""

    kind: str
    name: str
    version: str
    license: str = ""
    sha512: str = ""
    for_developers: bool = False


class Finding(NamedTuple):
    """An advisory that concerns a package."""

    package: Package
    advisory: str
    summary: str

    def __str__(self) -> str:
        used = " (developers only)" if self.package.for_developers else ""
        where = f"{self.package.name} {self.package.version}{used}"
        return f"{where}: {self.advisory} {self.summary}".rstrip()


def main(arguments: list[str]) -> int:
    """Write the bill, compare it, or both; return 1 if an advisory concerns a package."""
    parser = argparse.ArgumentParser(prog="tools.sbom", description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--output", type=Path, help="where the bill goes; else it is printed")
    parser.add_argument("--advisories", type=Path, help="a file, folder or ZIP in OSV's format")
    options = parser.parse_args(arguments)
    packages = locked(ROOT)
    if options.output or not options.advisories:
        _write(bill(packages), options.output)
    if not options.advisories:
        return 0
    findings = affected(packages, list(advisories(options.advisories)))
    for finding in findings:
        print(finding)
    print(f"{len(packages)} packages compared, {len(findings)} findings.")
    return 1 if findings else 0


def _write(text: str, output: Path | None) -> None:
    if output is None:
        print(text)
    else:
        output.write_text(text + "\n", encoding="utf-8")


def locked(root: Path) -> list[Package]:
    """Return all packages that the locks name."""
    used = _python(root / "requirements.txt")
    found = [
        Package("pypi", name, version, _license(name), for_developers=name not in used)
        for name, version in sorted(_python(root / "requirements-dev.txt").items())
    ]
    lock = json.loads((root / "package-lock.json").read_text("utf-8"))
    return found + [_npm(path, facts) for path, facts in sorted(lock["packages"].items()) if path]


def _python(lock: Path) -> dict[str, str]:
    pins = _PIN.findall(lock.read_text("utf-8"))
    return {re.sub(r"[-_.]+", "-", name).lower(): version for name, version in pins}


def _license(name: str) -> str:
    """Return the licence of an installed package as an SPDX expression; "" if unknown."""
    try:
        return metadata.metadata(name).get("License-Expression") or ""
    except metadata.PackageNotFoundError:  # a package for other platforms
        return ""


def _npm(path: str, facts: dict[str, Any]) -> Package:
    integrity = str(facts.get("integrity", "")).partition("sha512-")[2]
    return Package(
        "npm",
        path.rpartition("node_modules/")[2],
        facts["version"],
        facts.get("license", ""),
        base64.b64decode(integrity).hex(),
        for_developers=bool(facts.get("dev")),
    )


def bill(packages: list[Package]) -> str:
    """Return the bill of materials as JSON."""
    bom = Bom(components=[_component(package) for package in packages])
    bom.metadata.component = Component(
        name="hemicycle",
        version=_own_version(),
        type=ComponentType.APPLICATION,
        bom_ref="hemicycle",
    )
    bom.register_dependency(bom.metadata.component, bom.components)
    return str(JsonV1Dot6(bom).output_as_string(indent=1))


def _own_version() -> str:
    found = re.search(r'^version = "([^"]+)"', (ROOT / "pyproject.toml").read_text(), re.MULTILINE)
    assert found, "pyproject.toml names no version"
    return found[1]


def _component(package: Package) -> Component:
    space, _slash, name = package.name.rpartition("/")
    url = PackageURL(package.kind, space or None, name, package.version)
    hashes = [HashType(alg=HashAlgorithm.SHA_512, content=package.sha512)] if package.sha512 else []
    made = LicenseFactory().make_from_string(package.license) if package.license else None
    return Component(
        name=name,
        group=space or None,
        version=package.version,
        type=ComponentType.LIBRARY,
        scope=ComponentScope.EXCLUDED if package.for_developers else ComponentScope.REQUIRED,
        purl=url,
        bom_ref=url.to_string(),
        hashes=hashes,
        licenses=[made] if made else [],
    )


def advisories(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the advisories in a file, a folder or a ZIP archive."""
    if path.is_dir():
        for file in sorted(path.rglob("*.json")):
            yield from _in(file.read_bytes())
    elif zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            for name in sorted(archive.namelist()):
                if name.endswith(".json"):
                    yield from _in(archive.read(name))
    else:
        yield from _in(path.read_bytes())


def _in(data: bytes) -> Iterator[dict[str, Any]]:
    found = json.loads(data)
    yield from found if isinstance(found, list) else [found]


def affected(packages: list[Package], known: list[dict[str, Any]]) -> list[Finding]:
    """Return a finding for each advisory that concerns a package's version; skip withdrawn ones."""
    by_name: dict[tuple[str, str], list[tuple[dict[str, Any], dict[str, Any]]]] = {}
    for advisory in known:
        if advisory.get("withdrawn"):
            continue
        for concerned in advisory.get("affected", ()):
            about = concerned.get("package", {})
            name = (about.get("ecosystem", ""), _key(about))
            by_name.setdefault(name, []).append((advisory, concerned))
    return [
        Finding(package, advisory["id"], advisory.get("summary", ""))
        for package in packages
        for advisory, concerned in by_name.get((ECOSYSTEMS[package.kind], package.name), ())
        if _concerns(concerned, package)
    ]


def _key(about: dict[str, Any]) -> str:
    name = str(about.get("name", ""))
    return re.sub(r"[-_.]+", "-", name).lower() if about.get("ecosystem") == "PyPI" else name


def _concerns(concerned: dict[str, Any], package: Package) -> bool:
    if package.version in concerned.get("versions", ()):
        return True
    kinds = {"ECOSYSTEM", "SEMVER"}  # the third kind, GIT, names commits
    ranges = [span for span in concerned.get("ranges", ()) if span.get("type") in kinds]
    return any(_within(span["events"], package) for span in ranges)


def _within(events: list[dict[str, str]], package: Package) -> bool:
    """Return whether a package's version is in a range of OSV.

    Each event, in the order of versions, begins or ends the part that is affected.
    """
    own = _version(package.kind, package.version)
    is_open = False
    told = [(_version(package.kind, at), kind) for event in events for kind, at in event.items()]
    for at, kind in sorted(told, key=lambda pair: (pair[0], pair[1] != "introduced")):
        if kind == "introduced" and own >= at:
            is_open = True
        elif (kind == "fixed" and own >= at) or (kind == "last_affected" and own > at):
            is_open = False
    return is_open


def _version(kind: str, raw: str) -> Any:
    """Return a version that can be compared; "0" is lower than all others."""
    if kind == "npm":
        return NpmVersion.parse("0.0.0-0" if raw == "0" else raw)
    try:
        return PythonVersion("0.dev0" if raw == "0" else raw)
    except InvalidVersion:
        return PythonVersion("0.dev0")  # not in the form of PEP 440; no locked package is


if __name__ == "__main__":
    raise SystemExit(main(sys.argv[1:]))
