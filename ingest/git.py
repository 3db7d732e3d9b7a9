"""Sources that are kept in git: cloned into a folder of our own and brought up to date with the git program.

Nothing of a repository is run: no hooks, no filters, no submodules, and no way in but HTTPS, SSH or the local path
that the settings name. Credentials come from git's own helpers or an SSH agent, never from the address. The history
is fetched with the documents, without the old versions of files where the server can leave them out: the day on which
a document was last changed stands there.
"""

from __future__ import annotations

import re
import shutil
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from urllib.parse import urlsplit

from domain.errors import BadSettings, Unavailable
from ingest.dates import day

TIMEOUT_S = 300
"""Seconds that one command of git may take."""

_SCP_LIKE = re.compile(r"[A-Za-z0-9][\w.-]*@[A-Za-z0-9][\w.-]*:[^:\s][^\s]*")
_BRANCH = re.compile(r"(?!.*(?:\.\.|//|@\{|\.lock$|/$))[A-Za-z0-9][\w./+-]{0,199}")
_VARIABLES = ("GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_OBJECT_DIRECTORY", "GIT_COMMON_DIR", "GIT_TRACE")
_SAFE = {
    "core.hooksPath": "/dev/null",
    "core.fsmonitor": "false",
    "core.sshCommand": "ssh -oBatchMode=yes",
    "credential.interactive": "false",
    "filter.lfs.smudge": "",
    "filter.lfs.process": "",
    "filter.lfs.required": "false",
    "gc.autoDetach": "false",
    "safe.directory": "*",
    "submodule.recurse": "false",
    "protocol.allow": "never",
    "protocol.https.allow": "always",
    "protocol.ssh.allow": "always",
}


class GitUnavailable(Unavailable):
    """A repository could not be fetched."""

    reason = "git-unavailable"


@dataclass(frozen=True, slots=True)
class Origin:
    """A repository: an https or ssh address or a local path, a branch ("" for its own choice), and our copy of it."""

    url: str
    branch: str
    checkout: Path

    def __post_init__(self) -> None:
        """Refuse what is no address or branch, and addresses with credentials. Raises BadSettings."""
        if self.branch and not _BRANCH.fullmatch(self.branch):
            raise BadSettings("A source's `branch` is no name of a branch.", mend="Write it like main.")
        if not (self.local or _SCP_LIKE.fullmatch(self.url)):
            _check(self.url)

    @property
    def local(self) -> bool:
        """Whether the repository is a folder of this machine."""
        return self.url.startswith("/")


def _check(url: str) -> None:
    """Refuse an address that is neither https nor ssh, or that holds credentials. It is not repeated."""
    mend = "Write https://…, ssh://…, user@host:path or a local path."
    try:
        site = urlsplit(url)
        secret = site.password is not None or (site.scheme != "ssh" and site.username is not None)
    except ValueError as error:
        raise BadSettings("A source's `git` is no address.", mend=mend) from error
    if site.scheme not in ("https", "ssh") or not site.hostname or site.hostname.startswith("-"):
        raise BadSettings("A source's `git` is no address that can be fetched from.", mend=mend)
    if secret:
        raise BadSettings(
            "A source's `git` holds credentials.", mend="Leave them out; git asks its credential helper or SSH agent."
        )


def update(origin: Origin) -> None:
    """Bring our copy to the newest commit of the branch; what is there already is not fetched again.

    Raises GitUnavailable; the copy then stays as it was, if there is one.
    """
    fresh = origin.checkout.with_name(f".{origin.checkout.name}.new")
    if not _is_of(origin):
        shutil.rmtree(fresh, ignore_errors=True)
        fresh.parent.mkdir(parents=True, exist_ok=True)
        branch = [f"--branch={origin.branch}"] if origin.branch else []
        options = ["--quiet", "--no-checkout", "--no-local", "--single-branch", "--no-tags", "--filter=blob:none"]
        _git(origin, ["clone", "--template=", *options, *branch, "--", origin.url, str(fresh)])
        shutil.rmtree(origin.checkout, ignore_errors=True)
        fresh.rename(origin.checkout)
    here = ["-C", str(origin.checkout)]
    _git(origin, [*here, "fetch", "--quiet", "--no-tags", "--force", "--no-recurse-submodules", "origin"])
    _git(origin, [*here, "checkout", "--quiet", "--force", "--detach", "FETCH_HEAD"])
    _git(origin, [*here, "clean", "--quiet", "-ffdx"])


def _is_of(origin: Origin) -> bool:
    """Tell whether our copy is one of this repository and branch."""
    if not (origin.checkout / ".git").is_dir():
        return False
    here = ["-C", str(origin.checkout), "config", "--local", "--get-all"]
    try:
        url = _git(origin, [*here, "remote.origin.url"]).strip()
        refs = _git(origin, [*here, "remote.origin.fetch"]).strip()
    except GitUnavailable:
        return False
    return url == origin.url and (not origin.branch or refs.startswith(f"+refs/heads/{origin.branch}:"))


def last_changes(origin: Origin, folder: Path) -> Mapping[str, date]:
    """Return the day of the newest commit that touched each file under a folder of our copy, by path from there.

    Merges do not count. Nothing is known where git cannot tell.
    """
    days: dict[str, date] = {}
    options = ["log", "-z", "--format=%x01%cs", "--name-only", "--no-renames", "--relative", "--", "."]
    try:
        said = _git(origin, ["-C", str(folder), *options])
    except GitUnavailable:
        return days
    current: date | None = None
    for part in said.split("\0"):
        word = part.lstrip("\n")
        if word.startswith("\x01"):
            current = day(word[1:].strip())
        elif word and current:
            days.setdefault(word, current)
    return days


def _git(origin: Origin, arguments: Sequence[str]) -> str:
    """Run git and return what it says; its complaints, which may hold addresses, are not passed on."""
    settings = _SAFE | ({"protocol.file.allow": "always"} if origin.local else {})
    given = [part for name, value in settings.items() for part in ("-c", f"{name}={value}")]
    env, git = shutil.which("env"), shutil.which("git")
    if env is None or git is None:
        raise GitUnavailable("The git program is not there.", mend="Install git, or use a folder as the source.")
    cleared = [part for name in _VARIABLES for part in ("-u", name)]
    command = [env, *cleared, "LC_ALL=C", "GIT_TERMINAL_PROMPT=0", "GIT_ASKPASS=", git, *given, *arguments]
    try:
        done = subprocess.run(  # noqa: S603 - no shell; addresses are checked and stand behind `--`
            command,
            capture_output=True,
            timeout=TIMEOUT_S,
            check=False,
            stdin=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, subprocess.TimeoutExpired) as error:
        raise GitUnavailable(
            "git did not end in time or could not be run.", mend="Check the network, or the size of the repository."
        ) from None if isinstance(error, subprocess.TimeoutExpired) else error
    if done.returncode:
        raise GitUnavailable(f"git ended with {done.returncode}{_why(done.stderr)}.", mend=_MEND)
    return done.stdout.decode("utf-8", "surrogateescape")


_MEND = "Check the source's `git` and `branch`, and that this user may read it: try `git ls-remote` with the address."
_REASONS = {
    b"Authentication failed": "it asks for credentials",
    b"could not read Username": "it asks for credentials",
    b"Permission denied": "it does not let this user in",
    b"Could not resolve host": "its host is not known",
    b"Remote branch": "it has no such branch",
    b"does not exist": "there is no such repository",
    b"not found": "there is no such repository",
    b"dubious ownership": "the folder belongs to another user",
}


def _why(complaint: bytes) -> str:
    """Return what git's complaint comes to, in words of ours."""
    return next((f": {reason}" for mark, reason in _REASONS.items() if mark in complaint), "")
