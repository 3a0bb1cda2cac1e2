"""One backup of the box: database dumps by hooks, canary, manifest, then restic to the vault.

    dure_backup.py run      back up now; exit 0 only when everything was saved
    dure_backup.py status   print the record

The record /var/lib/dure/backup/status.json tells the last attempt and the last success.
"""

import fcntl
import hashlib
import json
import os
import secrets
import signal
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from datetime import time as time_of_day
from pathlib import Path
from typing import Any

import dure_vault
from dure_vault import STATE, TAG, Settings, Vault, VaultError, journal, now, stamp

HOOKS = Path("/etc/dure/backup.d")
DUMPS = STATE / "dumps"
PROOF = STATE / "proof"
CANARY = PROOF / "canary"
MANIFEST = PROOF / "manifest.json"
STATUS = STATE / "status.json"
DRILL = Path("/var/lib/dure/restore_drill/status.json")
HOOK_SECONDS = 3600.0


def office_hours_begin(settings: Settings, moment: datetime) -> tuple[bool, float]:
    """Whether `moment` (box time) is in office hours, and the seconds until the next ones begin."""
    begin = time_of_day.fromisoformat(settings.office_from)
    end = time_of_day.fromisoformat(settings.office_to)
    inside = moment.weekday() < 5 and begin <= moment.time().replace(tzinfo=None) < end
    day = moment
    while True:
        start = datetime.combine(day.date(), begin, tzinfo=moment.tzinfo)
        if start > moment and start.weekday() < 5:
            return inside, (start - moment).total_seconds()
        day += timedelta(days=1)


def run_hooks(hooks: Path = HOOKS, dumps: Path = DUMPS) -> list[str]:
    """Run each *.dump program; its standard output becomes dumps/NAME. Returns what failed, by name.

    A dump that fails leaves the last good one in place, so that the vault never gets half a database.
    """
    dumps.mkdir(mode=0o700, parents=True, exist_ok=True)
    failures = []
    kept = set()
    for hook in sorted(hooks.glob("*.dump")):
        kept.add(hook.stem)
        failure = run_hook(hook, dumps / hook.stem)
        if failure:
            failures.append(f"hook {hook.name} {failure}")
    for left in dumps.iterdir():
        if left.name not in kept:
            left.unlink()
    return failures


def run_hook(hook: Path, target: Path) -> str:
    """Empty when the dump is complete, else why it is not."""
    about = hook.stat()
    if about.st_uid != 0 or about.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        return "is writable by others than root and was not run"
    if not about.st_mode & stat.S_IXUSR:
        return "is not executable"
    part = target.with_name(target.name + ".part")
    with part.open("wb") as stream:
        part.chmod(0o600)
        try:
            result = subprocess.run([hook], stdin=subprocess.DEVNULL, stdout=stream, timeout=HOOK_SECONDS, check=False)
        except (OSError, subprocess.TimeoutExpired) as error:
            return f"failed: {error}"
    if result.returncode != 0:
        part.unlink()
        return f"failed with exit code {result.returncode}"
    part.replace(target)
    return ""


def refresh_canary(settings: Settings) -> str:
    """Write a canary that no earlier backup can hold; returns its sha256."""
    PROOF.mkdir(mode=0o700, parents=True, exist_ok=True)
    content = f"{settings.host} {stamp(now())} {secrets.token_hex(32)}\n".encode() + secrets.token_bytes(65536)
    CANARY.write_bytes(content)
    CANARY.chmod(0o600)
    return hashlib.sha256(content).hexdigest()


def regular_files(paths: tuple[Path, ...]) -> Iterator[tuple[str, os.stat_result]]:
    """Every regular file below `paths`; what vanishes meanwhile is passed over."""
    for top in paths:
        for directory, _, names in os.walk(top):
            for name in names:
                full = os.path.join(directory, name)  # noqa: PTH118 - a million Path objects cost minutes
                try:
                    about = os.lstat(full)
                except OSError:
                    continue
                if stat.S_ISREG(about.st_mode):
                    yield full, about


def is_utf8(name: str) -> bool:
    """False for a name in an old encoding, such as EUC-KR: restic saves it, and a manifest in JSON cannot hold it."""
    try:
        name.encode()
    except UnicodeEncodeError:
        return False
    return True


def draw_sample(settings: Settings, paths: tuple[Path, ...]) -> list[str]:
    """A random draw of files, every file alike likely, within the limits of number and bytes (reservoir sampling)."""
    generator = secrets.SystemRandom()
    drawn: list[str] = []
    largest = max(1, settings.sample_bytes // max(1, settings.sample_files)) * 4
    fitting = (name for name, about in regular_files(paths) if about.st_size <= largest)
    candidates = (name for name in fitting if is_utf8(name))
    for number, name in enumerate(candidates):
        if len(drawn) < settings.sample_files:
            drawn.append(name)
        elif (place := generator.randrange(number + 1)) < settings.sample_files:
            drawn[place] = name
    return drawn


def write_manifest(settings: Settings, paths: tuple[Path, ...]) -> None:
    """sha256, size and mtime of the drawn files, for the restore drill; it travels inside the snapshot."""
    entries: list[dict[str, Any]] = []
    total = 0
    for name in draw_sample(settings, paths):
        try:
            with open(name, "rb") as stream:  # noqa: PTH123 - names come as str
                about = os.fstat(stream.fileno())
                if total + about.st_size > settings.sample_bytes:
                    continue
                digest = hashlib.file_digest(stream, "sha256").hexdigest()
        except OSError:
            continue
        total += about.st_size
        entries.append({"path": name, "size": about.st_size, "mtime_ns": about.st_mtime_ns, "sha256": digest})
    dure_vault.write_record(MANIFEST, {"made": stamp(now()), "files": entries}, mode=0o600)


def restic_backup(vault: Vault, paths: tuple[Path, ...]) -> tuple[dict[str, Any], list[str]]:
    """restic's summary and the files it could not read.

    When office hours begin in mid-backup, restic is stopped and started again with the upload limit; what it
    has stored is not sent twice.
    """
    while True:
        inside, seconds = office_hours_begin(vault.settings, datetime.now().astimezone())
        limit = ["--limit-upload", str(vault.settings.upload_limit_kib)] if inside else []
        excludes = [argument for pattern in vault.settings.excludes for argument in ("--exclude", pattern)]
        named = ["--host", vault.settings.host, "--tag", TAG]
        process = vault.start("backup", "--json", *named, *limit, *excludes, *map(str, paths))
        stopped = threading.Event()
        timer = threading.Timer(seconds, stop_for_office_hours, (process, stopped))
        timer.daemon = True
        if not inside:
            timer.start()
        output, complaint = read_both(process)
        timer.cancel()
        if stopped.is_set() and process.returncode != 0:
            journal(6, "office hours begin: going on with the upload limit")
            continue
        return judge(process.returncode, output, complaint)


def stop_for_office_hours(process: subprocess.Popen[str], stopped: threading.Event) -> None:
    stopped.set()
    process.send_signal(signal.SIGINT)


def read_both(process: subprocess.Popen[str]) -> tuple[str, str]:
    """Only the last line of restic's progress is kept, so that a night of it stays small."""
    complaint: list[str] = []
    reader = threading.Thread(target=lambda: complaint.extend(process.stderr or []), daemon=True)
    reader.start()
    last = ""
    for line in process.stdout or []:
        last = line
    process.wait()
    reader.join(10)
    return last, "".join(complaint[-200:])


def judge(code: int, output: str, complaint: str) -> tuple[dict[str, Any], list[str]]:
    """restic's exit codes: 0 all saved, 3 a snapshot without the files it could not read, else no snapshot."""
    if code not in (0, 3):
        raise VaultError(f"restic backup failed: {dure_vault.last_words(complaint or output)}")
    summary = json.loads(output)
    unread = [line for line in complaint.splitlines() if line.strip()] if code == 3 else []
    return summary, [f"{len(unread) or 1} file(s) could not be read"] if code == 3 else []


def back_up(settings: Settings, record: dict[str, Any]) -> None:
    """Fill `record` with what was saved; raises VaultError when something was not."""
    vault = Vault(settings)
    vault.open_or_make()
    trouble = run_hooks()
    trouble += [f"{path} is missing" for path in settings.paths if not path.exists()]
    paths = tuple(path for path in settings.paths if path.exists())
    digest = refresh_canary(settings)
    write_manifest(settings, (*paths, DUMPS))
    summary, unread = restic_backup(vault, (*paths, DUMPS, PROOF))
    newest = [entry for entry in vault.snapshots() if entry["id"].startswith(summary["snapshot_id"])]
    if not newest:
        raise VaultError("the vault does not show the snapshot that was just made")
    record.update(
        snapshot=newest[0]["id"],
        snapshot_time=stamp(newest[0]["moment"]),
        files=summary["total_files_processed"],
        bytes=summary["total_bytes_processed"],
        bytes_added=summary["data_added"],
        canary_sha256=digest,
    )
    if trouble + unread:
        raise VaultError("; ".join(trouble + unread))


def run(settings: Settings) -> int:
    """One backup with its record kept; the journal says how it ended."""
    begun = now()
    clock = time.monotonic()
    record = dure_vault.read_record(STATUS)
    last = record.get("last_success")
    if last and begun - datetime.fromisoformat(last) > timedelta(hours=50):
        journal(4, f"backups were missed: the last success was at {last}")
    record.update(version=1, state="running", last_attempt=stamp(begun), error="")
    dure_vault.write_record(STATUS, record)
    try:
        back_up(settings, record)
        record.update(state="ok", last_success=stamp(now()))
    except (VaultError, OSError, ValueError, KeyError) as error:
        record.update(state="failed", error=str(error).replace("\n", " ")[:500])
    record["seconds"] = round(time.monotonic() - clock, 1)
    dure_vault.write_record(STATUS, record)
    if record["state"] != "ok":
        journal(3, f"backup failed: {record['error']}")
        return 1
    journal(6, f"backup done: snapshot {record['snapshot'][:8]}, {record['files']} files, {record['seconds']} s")
    prove_the_first()
    return 0


def prove_the_first() -> None:
    """A new box need not wait a week for its first proof."""
    if not dure_vault.read_record(DRILL).get("last_success"):
        subprocess.run(["systemctl", "start", "--no-block", "dure-restore-drill.service"], check=False)


def run_alone() -> int:
    """Only one backup at a time, however it was started: a second one waits for the first."""
    with dure_vault.BACKUP_LOCK.open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return run(dure_vault.load_settings())


def main(arguments: list[str]) -> int:
    if arguments == ["run"]:
        try:
            return run_alone()
        except VaultError as error:
            journal(3, f"backup failed: {error}")
            return 1
    if arguments == ["status"]:
        print(json.dumps(dure_vault.read_record(STATUS), ensure_ascii=False, indent=1, sort_keys=True))
        return 0
    print(__doc__, file=sys.stderr)
    return 2


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
