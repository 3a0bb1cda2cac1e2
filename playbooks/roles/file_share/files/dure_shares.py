"""Bring the people and folders of the file shares to what /etc/dure/file_share/people.json says.

    dure_shares.py apply [--check]    reads {"user": "password"} as JSON on standard input

Prints one line a change and nothing when there is none. Users are system users without shell or home whose
primary group is `dure-share`: only such users are ever changed or removed. Each share has a group of its own, so
that the kernel keeps departments apart too. Numbers of users and groups follow from their names, so that files
restored on a replaced box belong to the same people.
"""

import grp
import hashlib
import hmac
import json
import os
import pwd
import secrets
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

PEOPLE = Path("/etc/dure/file_share/people.json")
PASSWORDS = Path("/var/lib/dure/file_share/passwords.json")
EVERYONE = "dure-share"
FIRST_NUMBER, NUMBERS = 20000, 20000


class ShareError(Exception):
    """What cannot be done and why, in one line."""


class Changes:
    """Says each change, and makes it unless only asked."""

    def __init__(self, check: bool) -> None:
        self.check = check

    def do(self, what: str, act: Callable[[], object]) -> None:
        print(what, flush=True)
        if not self.check:
            act()


def command(*arguments: str, given: str = "") -> str:
    """Standard output of a program; ShareError with its complaint when it fails."""
    result = subprocess.run(arguments, input=given, capture_output=True, text=True, check=False)
    if result.returncode != 0:
        raise ShareError(f"{' '.join(arguments)} failed: {(result.stderr or result.stdout).strip()[:300]}")
    return result.stdout


def group_of(share: str) -> str:
    """The share's Linux group; Linux allows 32 letters."""
    if len(share) <= 30:
        return f"s-{share}"
    return f"s-{share[:21]}-{hashlib.sha256(share.encode()).hexdigest()[:8]}"


def number_for(name: str, taken: set[int]) -> int:
    """A number that follows from the name; the next free one when two names meet."""
    number = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big") % NUMBERS
    while FIRST_NUMBER + number in taken:
        number = (number + 1) % NUMBERS
    return FIRST_NUMBER + number


def ensure_group(changes: Changes, name: str) -> None:
    if any(group.gr_name == name for group in grp.getgrall()):
        return
    number = number_for(name, {group.gr_gid for group in grp.getgrall()})
    changes.do(f"add group {name}", lambda: command("groupadd", "--system", "--gid", str(number), name))


def share_users() -> dict[str, pwd.struct_passwd]:
    """The users that are ours: primary group dure-share."""
    try:
        everyone = grp.getgrnam(EVERYONE).gr_gid
    except KeyError:
        return {}
    return {user.pw_name: user for user in pwd.getpwall() if user.pw_gid == everyone}


def ensure_user(changes: Changes, user: dict[str, Any]) -> None:
    name = user["id"]
    label = str(user["name"]).replace(":", " ").replace("\n", " ").replace(",", " ")
    ours = share_users()
    if name in ours:
        if ours[name].pw_gecos != label:
            changes.do(f"rename user {name}", lambda: command("usermod", "--comment", label, name))
        return
    if any(known.pw_name == name for known in pwd.getpwall()):
        raise ShareError(f"user {name} is also a system user or an engineer of this box: choose another id for them")
    number = number_for(name, {known.pw_uid for known in pwd.getpwall()})
    # fmt: off
    arguments = ["useradd", "--system", "--uid", str(number), "--gid", EVERYONE, "--no-create-home",
                 "--home-dir", "/nonexistent", "--shell", "/usr/sbin/nologin", "--comment", label, name]
    # fmt: on
    changes.do(f"add user {name}", lambda: command(*arguments))


def ensure_members(changes: Changes, share: dict[str, Any], users: list[dict[str, Any]]) -> None:
    """The share's group holds exactly the users who are in one of the share's groups."""
    wanted = sorted(user["id"] for user in users if set(user["groups"]) & set(share["groups"]))
    group = group_of(share["id"])
    try:
        members = sorted(grp.getgrnam(group).gr_mem)
    except KeyError:
        members = []
    arguments = ("gpasswd", "--members", ",".join(wanted), group)
    if members != wanted:
        changes.do(f"set members of share {share['id']}", lambda: command(*arguments))


def ensure_folder(changes: Changes, folder: Path, group: str, mode: int) -> None:
    """Owner root, the share's group, and the group kept for what is made inside."""
    wanted = grp_number(group)
    if folder.is_dir():
        about = folder.stat()
        if (about.st_uid, about.st_gid, about.st_mode & 0o7777) == (0, wanted, mode):
            return

    def make() -> None:
        folder.mkdir(parents=True, exist_ok=True)
        os.chown(folder, 0, grp_number(group))
        folder.chmod(mode)

    changes.do(f"set up folder {folder}", make)


def grp_number(group: str) -> int:
    try:
        return grp.getgrnam(group).gr_gid
    except KeyError:
        return -1


def samba_users() -> set[str]:
    """Who has an SMB password; nobody before Samba is installed."""
    if not Path("/usr/bin/pdbedit").exists():
        return set()
    return {line.partition(":")[0] for line in command("pdbedit", "--list").splitlines() if line}


def seal(password: str, salt: str) -> str:
    """A salted hash that says whether the password is the one applied last, and nothing else."""
    return hashlib.scrypt(password.encode(), salt=bytes.fromhex(salt), n=4096, r=8, p=1).hex()


def ensure_passwords(changes: Changes, passwords: dict[str, str]) -> None:
    """Set an SMB password when the workspace's changed; a password that a user changed by himself stays."""
    try:
        applied = json.loads(PASSWORDS.read_text())
    except (OSError, ValueError):
        applied = {}
    known = samba_users()
    for name, password in sorted(passwords.items()):
        salt, _, hashed = applied.get(name, "").partition("$")
        if name in known and hashed and hmac.compare_digest(seal(password, salt), hashed):
            continue

        def apply(name: str = name, password: str = password) -> None:
            command("smbpasswd", "-s", "-a", name, given=f"{password}\n{password}\n")
            new_salt = secrets.token_hex(16)
            applied[name] = f"{new_salt}${seal(password, new_salt)}"
            save_applied(applied)

        changes.do(f"set the password of {name}", apply)


def save_applied(applied: dict[str, str]) -> None:
    PASSWORDS.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
    part = PASSWORDS.with_suffix(".part")
    part.touch(mode=0o600)
    part.write_text(json.dumps(applied, sort_keys=True))
    part.replace(PASSWORDS)


def remove_user(name: str) -> None:
    """Password first, then open sessions, then the user: at no moment may the name still open a file."""
    if name in samba_users():
        command("smbpasswd", "-x", name)
    status = json.loads(command("smbstatus", "--json", "--processes") or "{}")
    for session in (status.get("sessions") or {}).values():
        if session.get("username") == name:
            command("smbcontrol", str(session["server_id"]["pid"]), "shutdown")
    command("userdel", name)
    try:
        applied = json.loads(PASSWORDS.read_text())
    except (OSError, ValueError):
        return
    if applied.pop(name, None):
        save_applied(applied)


def remove_leftovers(changes: Changes, people: dict[str, Any]) -> None:
    """Users who left lose access; a share that left keeps its files, closed to all but root."""
    wanted = {user["id"] for user in people["users"]}
    for name in sorted(set(share_users()) - wanted):
        changes.do(f"remove user {name}", lambda name=name: remove_user(name))  # type: ignore[misc]
    groups = {group_of(share["id"]) for share in people["shares"]}
    folders = {Path(people["root"]) / share["id"] for share in people["shares"]}
    for folder in sorted(Path(people["root"]).glob("*/")):
        if folder not in folders and folder.name != "lost+found":
            ensure_folder(changes, folder, "root", 0o700)
    ours = range(FIRST_NUMBER, FIRST_NUMBER + NUMBERS)
    for group in grp.getgrall():
        if group.gr_name.startswith("s-") and group.gr_gid in ours and group.gr_name not in groups:
            changes.do(f"remove group {group.gr_name}", lambda group=group: command("groupdel", group.gr_name))  # type: ignore[misc]


def apply(check: bool) -> None:
    people = json.loads(PEOPLE.read_text(encoding="utf-8"))
    passwords = json.load(sys.stdin)
    changes = Changes(check)
    ensure_group(changes, EVERYONE)
    for user in people["users"]:
        ensure_user(changes, user)
    root = Path(people["root"])
    ensure_folder(changes, root, "root", 0o755)
    for share in people["shares"]:
        ensure_group(changes, group_of(share["id"]))
        ensure_members(changes, share, people["users"])
        ensure_folder(changes, root / share["id"], group_of(share["id"]), 0o2770)
    remove_leftovers(changes, people)
    ensure_passwords(changes, passwords)


def main(arguments: list[str]) -> int:
    if arguments not in (["apply"], ["apply", "--check"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        apply(check="--check" in arguments)
    except (ShareError, OSError, ValueError, KeyError) as error:
        print(f"file shares: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
