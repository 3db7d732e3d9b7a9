"""The demonstration runs on this machine alone, and shows two audiences two messages."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.system.kit import ROOT, clean_environment


@pytest.mark.slow
def test_the_demo_ends_well_and_shows_two_different_messages(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "samples.demo", "--data-dir", str(tmp_path / "demo")]
    done = subprocess.run(
        command, env=clean_environment(), cwd=ROOT, timeout=240, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    first = done.stdout.partition("4. The same incident")[2].partition("\n5. ")[0]
    public, payments = first.partition("#C0INCIDENTS")[2].split("#C0PAYMENTS")
    assert "Card payments failed for 47 minutes" in public
    assert "DESTRUCTIVE" in payments
    assert "Acquirer A outage" in payments
    assert "Acquirer A outage" not in public
    edited = done.stdout.partition("\n5. ")[2].partition("\n6. ")[0]
    assert "AI-generated" in edited
    person = done.stdout.partition("\n6. ")[2].partition("\n7. ")[0]
    assert "Only you can see this" in person
    assert "Acquirer A outage" in person
    assert "Card payments failed for 47 minutes" not in person
    assert "/preview" in done.stdout
