"""The audit never takes silence for a clean bill; the bill of materials is the lock, each time."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from supply.audit import CLEAN, FOUND, LOCK, NOT_ASKED, ROOT, exceptions, told

CLEAN_ANSWER = {"dependencies": [{"name": "a", "version": "1", "vulns": []}], "fixes": []}
A_FIND = {
    "dependencies": [
        {"name": "a", "version": "1", "vulns": [{"id": "PYSEC-1", "fix_versions": ["2"]}]}
    ]
}


@pytest.mark.parametrize(
    ("stdout", "code", "words"),
    [
        (json.dumps(CLEAN_ANSWER), CLEAN, "1 locked packages asked about, 0 vulnerabilities"),
        (json.dumps(A_FIND), FOUND, "a 1: PYSEC-1, mended in 2"),
        ("", NOT_ASKED, "NOT AUDITED"),
        ("{}", NOT_ASKED, "NOT AUDITED"),
        ("Traceback", NOT_ASKED, "NOT AUDITED"),
        (
            json.dumps({"dependencies": [{"name": "a", "skip_reason": "not found"}]}),
            NOT_ASKED,
            "not asked about: a",
        ),
    ],
)
def test_only_an_answer_about_every_package_is_a_clean_bill(stdout, code, words):
    found, lines = told(stdout, "ProxyError: no way out")

    assert found == code
    assert words in "\n".join(lines)


def test_without_a_connection_the_audit_says_that_it_asked_nobody():
    nowhere = dict.fromkeys(("HTTPS_PROXY", "https_proxy"), "http://127.0.0.1:9")
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "supply" / "audit.py"],
        env={**os.environ, **nowhere, "NO_PROXY": "", "no_proxy": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
    )

    assert done.returncode == NOT_ASKED, done.stdout
    assert "NOT AUDITED" in done.stdout
    assert "0 vulnerabilities" not in done.stdout


def test_every_line_where_a_security_rule_looks_away_says_why():
    unsaid = [each.place for each in exceptions(ROOT / "src") if not each.reason]

    assert unsaid == []


def test_a_line_without_a_reason_would_be_found(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\ny = f(x)  # noqa: S603\nz = 2  # noqa: S105 (a token)\n")

    found = [(each.place, each.reason) for each in exceptions(tmp_path)]
    assert found == [("a.py:2", ""), ("a.py:3", "a token")]


def bill(folder: Path) -> bytes:
    out = folder / "sbom.json"
    program = Path(sys.executable).parent / "cyclonedx-py"
    subprocess.run(
        [
            *(program, "requirements", "--pyproject", "pyproject.toml", "--output-reproducible"),
            "--no-validate",
            *("--of", "JSON", "-o", out, "requirements.lock"),
        ],
        cwd=ROOT,
        capture_output=True,
        check=True,
        timeout=120,
    )
    return out.read_bytes()


def test_the_bill_of_materials_has_every_locked_package_with_its_hashes_and_is_the_same_twice(
    tmp_path,
):
    first, second = bill(tmp_path), bill(tmp_path)
    told = json.loads(first)
    locked = set(
        re.findall(r"^([a-z0-9.-]+)(?:\[[^\]]*\])?==(\S+)", LOCK.read_text("utf-8"), re.MULTILINE)
    )

    assert first == second
    assert {(each["name"], each["version"]) for each in told["components"]} == locked
    assert told["metadata"]["component"]["name"] == "watcher"
    assert len(locked) > 50
    assert all(
        any("hashes" in reference for reference in each["externalReferences"])
        for each in told["components"]
    )
