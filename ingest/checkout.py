"""The git commit that a folder stands at."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}(?:[0-9a-f]{24})?")
_SECONDS = 5


def commit_of(folder: Path) -> str:
    """Return the commit a folder's checkout stands at, or "" where git is absent, slow or knows of none.

    The environment is not handed on: a `GIT_DIR` set around us would name another repository.
    """
    git = shutil.which("git")
    if git is None:
        return ""
    command = [git, "-c", "safe.directory=*", "-C", str(folder.resolve()), "rev-parse", "--verify", "HEAD"]
    try:
        asked = subprocess.run(  # noqa: S603 - a fixed command, no shell; the folder comes from the settings
            command, capture_output=True, timeout=_SECONDS, check=False, env={"LC_ALL": "C"}, text=True
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    said = asked.stdout.strip()
    return said if asked.returncode == 0 and _COMMIT.fullmatch(said) else ""
