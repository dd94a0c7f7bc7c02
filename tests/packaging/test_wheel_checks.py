"""The checks of a wheel find what they are for; workflows are as the release needs them."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from tests.support.consumers import ENVIRONMENT, ROOT

import sessionvitals
from sessionvitals.mock_program import find_mock

FOLDER = "sessionvitals-0.1.0"
THIRD_PARTIES = ("nlohmann-json", "openssl", "pybind11")


def make_wheel(target: Path, **changed: bytes | None) -> Path:
    """Make a wheel of what is installed, as the build lays one out, but for some of its files."""
    wheel = target / f"{FOLDER}-cp311-cp311-linux_x86_64.whl"
    package = Path(sessionvitals.__file__).parent
    (extension,) = package.glob("_core*.so")
    info = f"{FOLDER}.dist-info"
    components = [{"name": name, "version": "1.2.3"} for name in THIRD_PARTIES]
    bom = {"bomFormat": "CycloneDX", "components": components}
    files: dict[str, bytes | None] = {
        f"sessionvitals/{extension.name}": extension.read_bytes(),
        f"{FOLDER}.data/scripts/sessionvitals-mock": Path(find_mock()).read_bytes(),
        f"{info}/METADATA": b"Name: sessionvitals\nLicense-Expression: MIT\n"
        b"License-File: LICENSE\n\n# sessionvitals\n",
        f"{info}/licenses/LICENSE": b"ours",
        **{f"{info}/licenses/third_party/{name}/LICENSE": b"theirs" for name in THIRD_PARTIES},
        f"{info}/sboms/sessionvitals.cdx.json": json.dumps(bom).encode(),
        f"{info}/RECORD": f"{info}/METADATA,sha256=x,1\n{info}/RECORD,,\n".encode(),
    }
    files |= {name.replace("__", "/"): content for name, content in changed.items()}
    with zipfile.ZipFile(wheel, "w") as archive:
        for name, content in files.items():
            if content is not None:
                entry = zipfile.ZipInfo(name)
                entry.external_attr = 0o100755 << 16
                archive.writestr(entry, content)
    return wheel


def run(script: str, *arguments: object) -> tuple[int, str]:
    done = subprocess.run(
        [sys.executable, ROOT / "packaging" / script, *map(str, arguments)],
        env=ENVIRONMENT,
        capture_output=True,
        text=True,
    )
    return done.returncode, done.stdout + done.stderr


@pytest.mark.skipif("LD_PRELOAD" in os.environ, reason="a sanitizer has libraries of its own")
@pytest.mark.skipif(shutil.which("nm") is None, reason="needs nm (Debian: binutils)")
def test_a_wheel_that_links_the_systems_openssl_is_refused(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path, **{f"{FOLDER}.dist-info/sboms/sessionvitals.cdx.json": None})

    code, said = run("check_wheel.py", wheel)

    assert code == 1
    for problem in (
        "_core wants OpenSSL's ",
        "_core needs libcrypto.so.3, libssl.so.3",
        "the metadata does not say MIT AND BSD-3-Clause AND Apache-2.0",
        "the list of components (SBOM) is missing",
        "the metadata does not name the licence third_party/openssl/LICENSE",
        "the mock needs ",
    ):
        assert problem in said
    assert "_core exports" not in said


def test_the_metadata_names_every_licence_and_the_record_still_holds(tmp_path: Path) -> None:
    wheel = make_wheel(tmp_path)

    assert run("finish_wheel.py", tmp_path) == (0, "")

    with zipfile.ZipFile(wheel) as archive:
        files = {each.filename: archive.read(each) for each in archive.infolist()}
        modes = {each.external_attr >> 16 for each in archive.infolist()}
    metadata = files[f"{FOLDER}.dist-info/METADATA"].decode()
    assert "License-Expression: MIT AND BSD-3-Clause AND Apache-2.0\n" in metadata
    named = re.findall("(?m)^License-File: (.+)$", metadata)
    assert named == ["LICENSE", *(f"third_party/{name}/LICENSE" for name in THIRD_PARTIES)]
    assert metadata.endswith("\n\n# sessionvitals\n")
    record = files[f"{FOLDER}.dist-info/RECORD"].decode()
    assert f"{FOLDER}.dist-info/METADATA,sha256=" in record
    assert record.splitlines()[0].endswith(f",{len(metadata)}")
    assert modes == {0o100755}


WORKFLOWS = sorted((ROOT / ".github/workflows").glob("*.yml"))


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda file: file.name)
def test_an_action_is_pinned_by_its_commit_and_permissions_are_least(file: Path) -> None:
    text = file.read_text()

    uses = re.findall(r"uses: (.+)", text)
    assert [
        each for each in uses if not re.fullmatch(r"[\w/-]+@[0-9a-f]{40}  # v[\d.]+", each)
    ] == []
    assert (
        "\npermissions:\n  contents: read\n\n" in text
        or "\npermissions:\n  contents: read\ncon" in text
    )
    # Trusted publishing refuses reusable workflows, and nothing else needs the token.
    assert "workflow_call" not in text
    assert ("id-token: write" in text) == (file.name == "release.yml")


@pytest.fixture(scope="session")
def actionlint() -> str:
    """The program, if need be built in build/tools by the Go of this machine."""
    if found := shutil.which("actionlint"):
        return found
    tools = ROOT / "build/tools"
    if not (tools / "actionlint").exists():
        if shutil.which("go") is None:
            pytest.skip("needs actionlint, or go to build it")
        (version,) = re.findall(
            r"go install (\S+actionlint\S+)", (ROOT / ".github/workflows/test.yml").read_text()
        )
        tools.mkdir(parents=True, exist_ok=True)
        done = subprocess.run(
            ["go", "install", version],
            env={**os.environ, "GOBIN": str(tools)},
            capture_output=True,
            text=True,
        )
        if done.returncode != 0:
            pytest.skip(f"go install {version} failed: {done.stderr[-200:]}")
    return str(tools / "actionlint")


@pytest.mark.slow
def test_actionlint_finds_nothing(actionlint: str) -> None:
    done = subprocess.run([actionlint, *WORKFLOWS], cwd=ROOT, capture_output=True, text=True)

    assert done.stdout + done.stderr == ""


FORMS = sorted((ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"))


@pytest.mark.parametrize("file", FORMS, ids=lambda file: file.name)
def test_an_issue_form_is_one(file: Path) -> None:
    yaml = pytest.importorskip("yaml")
    form = yaml.safe_load(file.read_text())
    if file.name == "config.yml":
        assert {*form} <= {"blank_issues_enabled", "contact_links"}
        return

    assert {"name", "description", "body"} <= {*form} <= {"name", "description", "body", "labels"}
    ids = [part["id"] for part in form["body"] if part["type"] != "markdown"]
    assert len({*ids}) == len(ids) > 0
    for part in form["body"]:
        assert part["type"] in {"markdown", "textarea", "input", "dropdown"}
        assert part["attributes"].get("label") or part["type"] == "markdown"
