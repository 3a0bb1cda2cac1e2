"""operator init: a commented starter workspace."""

import os
import shlex
import shutil
import subprocess
from pathlib import Path
from typing import Annotated

import typer

from dure.escaping import escaped

STARTER = Path(__file__).parent / "starter"
GITIGNORE = "# 이 컴퓨터만의 것 (this workstation's own)\n.dure/\n.*.new\n"
GITATTRIBUTES = """\
# 두 사람이 따로 더한 줄은 둘 다 남습니다. (Lines that two people added both stay.)
allocations.yaml merge=union
known_hosts merge=union
*.yaml text eol=lf
"""
NO_ENGINEER = """\
engineers: []
#  - id: kim-minsu
#    name: 김민수
#    email: minsu@my-msp.example
#    ssh_keys:
#      - ssh-ed25519 AAAA… (~/.ssh/id_ed25519.pub)"""
NO_RECIPIENT = """\
  recipients: []
#   - age1…  (`age-keygen -y ~/.config/dure/identity.txt`)"""


def init(
    name: Annotated[str, typer.Argument(metavar="DIRECTORY", help="New or empty directory.")],
    ssh_key: Annotated[
        Path | None, typer.Option(help="Your SSH public key; default: ~/.ssh/id_ed25519.pub when it exists.")
    ] = None,
) -> None:
    """Make a starter workspace with comments in Korean and English, which `operator validate` passes.

    Example: operator init my-msp
    """
    from dure.errors import UsageError
    from dure.model import validate

    if not name:  # Path("") would be the directory that one stands in
        raise UsageError("the directory has no name", mend="operator init my-msp, or operator init . for this one")
    directory = Path(name)
    _refuse_used(directory)
    key = _public_key(ssh_key)
    existed = directory.exists()
    try:
        _write(directory, key)
    except OSError as error:
        _clear(directory, existed)
        why = error.strerror or "the system refused"
        mend = "name a directory that you may write to"
        raise UsageError("the workspace cannot be made", where=str(directory), why=why, mend=mend) from error
    _git(directory)
    problems = validate(directory)
    for problem in problems:
        typer.echo(problem.text(), err=True)
    typer.echo(f"{escaped(name)} is a workspace. Next:")
    typer.echo(f"  cd {shlex.quote(f'./{name}' if name.startswith('-') else name)}")
    typer.echo("  edit operator.yaml and customers/first-customer.yaml")
    typer.echo("  operator validate")


def _refuse_used(directory: Path) -> None:
    from dure.errors import UsageError

    if directory.exists() and not directory.is_dir():
        raise UsageError(f"{directory} is a file", why="a workspace is a directory", mend="name another path")
    if directory.is_dir() and any(one.name != ".git" for one in directory.iterdir()):
        why = "it is not empty, and init overwrites nothing"
        raise UsageError(f"{directory} cannot become a workspace", why=why, mend="name a new or empty directory")


def _clear(directory: Path, existed: bool) -> None:
    """Take away what was half made, so that the next try finds the directory as it was."""
    for one in directory.iterdir() if directory.is_dir() else []:
        if one.name == ".git":
            continue
        if one.is_dir():
            shutil.rmtree(one, ignore_errors=True)
        else:
            one.unlink()
    if directory.is_dir() and not existed:
        directory.rmdir()


def _public_key(given: Path | None) -> str:
    """The engineer's public key; empty when none is given and none is found."""
    from dure.errors import UsageError
    from dure.model.fields import ssh_key_fault

    file = given or Path("~/.ssh/id_ed25519.pub").expanduser()
    try:
        key = file.read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        if given is None:
            return ""
        why = (isinstance(error, OSError) and error.strerror) or "it is not text"
        raise UsageError("the key cannot be read", where=str(given), why=why, mend="name a .pub file") from error
    fault = ssh_key_fault(key)
    if fault and given is not None:
        raise UsageError("that is not an SSH public key", where=str(given), why=fault, mend="name a .pub file")
    return "" if fault else key


def _engineer_id() -> str:
    import getpass

    from dure.model.fields import LOGIN_LENGTH, SYSTEM_LOGINS, suggest_id

    try:
        name = suggest_id(getpass.getuser())[:LOGIN_LENGTH].strip("-")
    except (KeyError, OSError):
        return "engineer"
    return "engineer" if name in SYSTEM_LOGINS else name


def _write(directory: Path, key: str) -> None:
    import json

    from dure import toolkit_path
    from dure.model.allocations import FILE, HEADER
    from dure.model.schema import schema_files

    (directory / "customers").mkdir(parents=True, exist_ok=True)
    (directory / "secrets").mkdir(exist_ok=True)
    engineer = _engineer_id()
    engineers, recipients = NO_ENGINEER, NO_RECIPIENT
    if key:
        engineers = f"engineers:\n  - id: {engineer}\n    name: {engineer}\n    email: {engineer}@my-msp.example\n"
        engineers += f"    ssh_keys:\n      - {json.dumps(key, ensure_ascii=False)}"
    if key.startswith(("ssh-ed25519 ", "ssh-rsa ")):
        recipients = f"  recipients:\n    - {json.dumps(key, ensure_ascii=False)}"
    text = (STARTER / "operator.yaml").read_text(encoding="utf-8")
    text = text.replace("@ENGINEERS@", engineers).replace("@RECIPIENTS@", recipients)
    (directory / "operator.yaml").write_text(text, encoding="utf-8")
    for file in sorted((STARTER / "customers").glob("*.yaml")):
        (directory / "customers" / file.name).write_text(file.read_text(encoding="utf-8"), encoding="utf-8")
    (directory / FILE).write_text(HEADER, encoding="utf-8")
    (directory / ".gitignore").write_text(GITIGNORE, encoding="utf-8")
    (directory / ".gitattributes").write_text(GITATTRIBUTES, encoding="utf-8")
    for name, content in schema_files(toolkit_path()).items():
        (directory / name).parent.mkdir(exist_ok=True)
        (directory / name).write_text(json.dumps(content, ensure_ascii=False, indent=2) + "\n", encoding="utf-8")


def _git(directory: Path) -> None:
    """Make it a repository when git is there and it is not one already."""
    if (directory / ".git").exists():
        return
    git = shutil.which("git")
    if git is None:
        mend = f"install git, then git init {shlex.quote(str(directory))}"
        typer.echo(f"it is no Git repository yet, because there is no git on PATH. To mend: {mend}", err=True)
        return
    # In a hook git names its own repository by such variables; init would make that one anew.
    environment = {name: value for name, value in os.environ.items() if not name.startswith("GIT_")}
    argv = [git, "init", "-q", "--", str(directory)]
    done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=30, env=environment)
    if done.returncode != 0:
        typer.echo(f"git init did not work: {done.stderr.strip()}", err=True)
