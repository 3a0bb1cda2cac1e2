"""Make the engineers' accounts what the workspace says: one round trip whatever their number.

argv: JSON of what is wanted, then `--check` to only tell. Prints JSON: the list of what was (or would be) changed.
Sent over standard input, so it also works on a machine where nothing was installed yet. Standard library only.
"""

import grp
import json
import os
import pathlib
import pwd
import subprocess
import sys

WANTED = json.loads(sys.argv[1])
CHECK = "--check" in sys.argv[2:]
GROUP = WANTED["group"]
EXPIRED = "1"
changes = []


def change(what, *command, act=None):
    changes.append(what)
    if CHECK:
        return
    if command:
        subprocess.run(command, check=True, capture_output=True, text=True)
    if act:
        act()


def exists(user):
    try:
        return pwd.getpwnam(user)
    except KeyError:
        return None


def members():
    try:
        return set(grp.getgrnam(GROUP).gr_mem)
    except KeyError:
        return set()


def shadow(user):
    """The fields of the user's line: password at 1, day of expiry at 7."""
    for line in pathlib.Path("/etc/shadow").read_text().splitlines():
        fields = line.split(":")
        if fields[0] == user:
            return fields
    return [user] + [""] * 8


def write_keys(user, text):
    entry = pwd.getpwnam(user)
    directory = pathlib.Path(entry.pw_dir) / ".ssh"
    directory.mkdir(mode=0o700, exist_ok=True)
    fresh = directory / "authorized_keys.new"
    fresh.write_text(text)
    fresh.chmod(0o600)
    for path in (directory, fresh):
        os.chown(path, entry.pw_uid, entry.pw_gid)
    fresh.replace(directory / "authorized_keys")


def keys_of(entry):
    try:
        return (pathlib.Path(entry.pw_dir) / ".ssh" / "authorized_keys").read_text()
    except (FileNotFoundError, NotADirectoryError):
        return ""


def engineer(wanted):
    user, entry = wanted["id"], exists(wanted["id"])
    if entry is None:
        change(f"add {user}", "useradd", "--create-home", "--shell", "/bin/bash", "--comment", wanted["name"], user)
    elif entry.pw_gecos.split(",")[0] != wanted["name"]:
        change(f"name of {user}", "usermod", "--comment", wanted["name"], user)
    if user not in members():
        change(f"{user} into {GROUP}", "usermod", "--append", "--groups", GROUP, user)
    if entry is not None and shadow(user)[7] not in ("", "-1"):
        change(f"unlock {user}", "usermod", "--expiredate", "", user)
    text = "".join(f"{key}\n" for key in wanted["ssh_keys"])
    if entry is None or keys_of(entry) != text:
        change(f"keys of {user}", act=lambda: write_keys(user, text))


def removed(user):
    subprocess.run(["loginctl", "terminate-user", user], check=False, capture_output=True)
    subprocess.run(["userdel", "--force", "--remove", user], check=False, capture_output=True)
    if exists(user):
        raise SystemExit(f"accounts: {user} could not be removed")


def lock(user):
    if exists(user) and shadow(user)[7] != EXPIRED:
        change(f"lock {user}", "usermod", "--lock", "--expiredate", EXPIRED, user)


def main():
    try:
        grp.getgrnam(GROUP)
    except KeyError:
        change(f"add group {GROUP}", "groupadd", "--system", GROUP)
    for wanted in WANTED["engineers"]:
        engineer(wanted)
    for user in sorted(members() - {one["id"] for one in WANTED["engineers"]}):
        change(f"remove {user}", act=lambda user=user: removed(user))
    if WANTED["lock"]:
        lock(WANTED["lock"])
    if shadow("root")[1] != "*" and not shadow("root")[1].startswith("!"):  # empty: anybody is root without a password
        change("lock root's password", "passwd", "--lock", "root")
    print(json.dumps({"changes": changes}, ensure_ascii=False))


main()
