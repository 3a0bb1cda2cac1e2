"""Backup to a vault that takes no orders from the box, drill and restore, and what goes wrong on the way."""

import json
from collections.abc import Iterator

import pytest
from dure.lab.faults import cut, mend

from tests.lab.services.box import Box, vault_administrator
from tests.poll import until

pytestmark = pytest.mark.lab

RESTIC = (
    "RESTIC_REPOSITORY=s3:http://203.0.113.2:5000/ansan-vault RESTIC_PASSWORD_FILE=/etc/dure/backup/restic_password "
    "AWS_SHARED_CREDENTIALS_FILE=/etc/dure/backup/aws_credentials AWS_DEFAULT_REGION=ap-northeast-2 restic --no-cache"
)
NEWEST = "2030-01-01T00:00:00+00:00"


def back_up(box: Box, *, expect: bool = True) -> dict[str, object]:
    ended = box.lab.root("ansan", "systemctl reset-failed dure-backup; systemctl start dure-backup", seconds=120)
    assert (ended.returncode == 0) == expect, box.run("journalctl -u dure-backup -n 20 --no-pager")
    return box.record("backup")


def drill(box: Box, *, expect: bool = True) -> dict[str, object]:
    ended = box.lab.root("ansan", "systemctl start dure-restore-drill", seconds=120)
    assert (ended.returncode == 0) == expect, box.run("journalctl -u dure-restore-drill -n 20 --no-pager")
    assert box.run("ls /var/lib/dure/restore_drill").split() == ["status.json"], "the scratch directory was left"
    return box.record("restore_drill")


def restore(box: Box, path: str, at: str = NEWEST, *, check: bool = False) -> dict[str, object]:
    """What `operator restore` asks the box."""
    request = json.dumps({"path": path, "shares": "/srv/shares", "at": at, "check": check}, ensure_ascii=False)
    answer = json.loads(box.run(f"python3 -B /usr/local/lib/dure/dure_restore.py <<'END'\n{request}\nEND", check=False))
    assert isinstance(answer, dict)
    return answer


@pytest.fixture(scope="module")
def saved(services: tuple[Box, Box]) -> dict[str, object]:
    """The record of a first backup with a few files in it."""
    box = services[0]
    box.run(
        "cd /srv/shares/production && mkdir -p 도면 && echo one > '도면/a[1]*?.txt' && echo two > 도면/최종.txt"
        " && head -c 3000000 /dev/urandom > big.bin && chown -R jung-daesu:s-production . && chmod 640 도면/최종.txt"
        " && touch -d 2024-02-29T12:00:00Z 도면/최종.txt"
    )
    return back_up(box)


def test_a_backup_leaves_a_record_that_says_all(box: Box, saved: dict[str, object]) -> None:
    assert saved["state"] == "ok"
    assert saved["error"] == ""
    assert isinstance(saved["files"], int)
    assert saved["files"] >= 5
    assert str(saved["snapshot"]) in box.run(f"{RESTIC} snapshots --json")
    assert saved["last_success"]


def test_a_drill_proves_the_newest_backup_by_sha256(box: Box, saved: dict[str, object]) -> None:
    record = drill(box)
    assert (record["state"], record["snapshot"]) == ("ok", box.record("backup")["snapshot"])
    assert isinstance(record["files"], int)
    assert record["files"] >= 3
    assert record["seconds"]


def test_both_timers_wait_for_their_hour_with_jitter(box: Box) -> None:
    timers = box.run("systemctl cat dure-backup.timer dure-restore-drill.timer")
    assert "OnCalendar=*-*-* 02:30:00" in timers
    assert timers.count("Persistent=yes") == 2
    jitter = box.run("systemctl show --value -p RandomizedDelayUSec dure-backup.timer dure-restore-drill.timer").split()
    assert len(jitter) >= 2
    assert "0" not in jitter, "all boxes of an MSP would begin in the same second"
    assert box.run("systemctl is-active dure-backup.timer dure-restore-drill.timer").split() == ["active", "active"]


def test_secrets_are_in_closed_files_and_never_in_a_process(box: Box, saved: dict[str, object]) -> None:
    modes = box.run(
        "stat -c '%a %U' /etc/dure/backup /etc/dure/backup/restic_password /etc/dure/backup/aws_credentials"
    )
    assert modes.split("\n")[:3] == ["700 root", "600 root", "600 root"]
    box.run("systemctl start --no-block dure-backup")
    until(lambda: box.run("pgrep -x restic", check=False), 20, every=0.01)
    seen = box.run("cat /proc/[0-9]*/cmdline /proc/[0-9]*/environ 2>/dev/null | tr '\\0' '\\n'", check=False)
    assert "RESTIC_PASSWORD_FILE" in seen, "restic was not caught at work"
    assert "restic-password-of-the-test" not in seen
    assert box.vault.secret_access_key not in seen
    until(lambda: box.run("systemctl is-active dure-backup", check=False).strip() == "inactive", 60)


def test_a_folder_comes_back_beside_the_original_with_owner_mode_and_time(box: Box, saved: dict[str, object]) -> None:
    look = "cd {} && stat -c '%n %U %G %a %Y' 도면 도면/*"
    before = box.run(look.format("/srv/shares/production"))
    assert restore(box, "/srv/shares/production/도면", check=True)["files"] == 2
    assert "복원" not in box.run("ls /srv/shares/production")
    answer = restore(box, "/srv/shares/production/도면")
    assert answer["ok"], answer
    folder = str(answer["target"]).removesuffix("/도면")
    assert folder.startswith("/srv/shares/production/복원-20")
    after = box.run(look.format(folder))
    strip = [line.rpartition(" ")[0] for line in before.splitlines()]
    assert [line.rpartition(" ")[0] for line in after.splitlines()] == strip
    assert "도면/최종.txt jung-daesu s-production 640 1709208000" in after
    assert box.run(f"stat -c '%U %G %a' {folder}") == box.run("stat -c '%U %G %a' /srv/shares/production")
    again = restore(box, "/srv/shares/production/도면")
    assert again["target"] != answer["target"], "an earlier restore was written over"
    assert box.run("cat '/srv/shares/production/도면/a[1]*?.txt'") == "one\n"
    assert not box.run("find /srv/shares -name '.dure-restore-*'")


@pytest.mark.parametrize(
    ("path", "reason", "near"),
    [
        ("/srv/shares/production/도면/최종", "no-path", "/srv/shares/production/도면/최종.txt"),
        ("/srv/shares/prodction/도면", "no-path", "/srv/shares/production"),
    ],
)
def test_a_path_that_is_not_there_brings_the_nearest_names(
    box: Box, saved: dict[str, object], path: str, reason: str, near: str
) -> None:
    answer = restore(box, path)
    assert (answer["ok"], answer["reason"]) == (False, reason)
    assert near in str(answer["near"])


def test_a_time_before_the_first_backup_names_the_first(box: Box, saved: dict[str, object]) -> None:
    answer = restore(box, "/srv/shares/production/도면", "2020-01-01T00:00:00+00:00")
    assert (answer["ok"], answer["reason"]) == (False, "no-snapshot")
    assert str(answer["near"])[2:6] == str(saved["snapshot_time"])[:4]


@pytest.fixture
def hooks(box: Box) -> Iterator[None]:
    yield
    box.run("rm -f /etc/dure/backup.d/*")


def test_a_database_dump_is_saved_and_a_failed_one_shows(box: Box, saved: dict[str, object], hooks: None) -> None:
    put = "cat > /etc/dure/backup.d/{0} && chmod 755 /etc/dure/backup.d/{0}"
    box.run("printf '#!/bin/sh\\necho rows of today\\n' | (" + put.format("erp.dump") + ")")
    assert back_up(box)["state"] == "ok"
    assert box.run(f"{RESTIC} dump latest /var/lib/dure/backup/dumps/erp") == "rows of today\n"
    box.run("printf '#!/bin/sh\\necho half; exit 3\\n' | (" + put.format("erp.dump") + ")")
    box.run("echo new > /srv/shares/production/new.txt")
    record = back_up(box, expect=False)
    assert (record["state"], record["error"]) == ("failed", "hook erp.dump failed with exit code 3")
    assert box.run(f"{RESTIC} dump latest /var/lib/dure/backup/dumps/erp") == "rows of today\n", "half a dump was saved"
    assert box.run(f"{RESTIC} dump latest /srv/shares/production/new.txt") == "new\n", "files were not saved"
    journal = box.run("journalctl -p err -u dure-backup -n 5 --no-pager")
    assert "hook erp.dump failed" in journal


def test_a_backup_that_is_killed_leaves_a_lock_that_the_next_one_clears(box: Box, saved: dict[str, object]) -> None:
    box.run("head -c 60000000 /dev/urandom > /srv/shares/production/heavy.bin")
    box.run("systemctl start --no-block dure-backup")
    until(lambda: "locks/" in objects(box, "locks/"), 30, every=0.05)
    box.run("systemctl kill --signal=KILL dure-backup")
    until(lambda: box.run("systemctl is-failed dure-backup", check=False).strip() == "failed", 20)
    record = back_up(box)
    assert record["state"] == "ok"
    assert objects(box, "locks/") == ""
    box.run("rm /srv/shares/production/heavy.bin")


@pytest.fixture
def soon(box: Box) -> Iterator[None]:
    """The retry comes after five seconds instead of many minutes."""
    place = "/run/systemd/system/dure-backup-retry.timer.d"
    content = "[Timer]\nOnActiveSec=\nOnActiveSec=5\nRandomizedDelaySec=0\nAccuracySec=1\n"
    box.run(f"mkdir -p {place} && printf '{content}' > {place}/soon.conf && systemctl daemon-reload")
    yield
    box.run(f"rm -r {place} && systemctl daemon-reload")


def test_a_link_that_is_cut_in_mid_backup_heals_by_itself(box: Box, saved: dict[str, object], soon: None) -> None:
    before = box.record("backup")["last_success"]
    box.run("head -c 60000000 /dev/urandom > /srv/shares/production/heavy.bin")
    box.run("systemctl start --no-block dure-backup")
    until(lambda: "locks/" in objects(box, "locks/"), 30, every=0.05)
    cut(box.lab, "ansan", "link")
    try:
        assert box.run("systemctl is-active dure-backup", check=False).strip() == "activating"
        box.run("pkill -KILL -x restic")  # by itself it gives up after a quarter of an hour
        until(lambda: box.record("backup")["state"] == "failed", 30)
        until(lambda: box.run("systemctl is-active dure-backup-retry.timer", check=False).strip() == "active", 10)
    finally:
        mend(box.lab, "ansan", "link")
    until(lambda: box.record("backup")["state"] == "ok", 120)
    assert box.record("backup")["last_success"] != before
    box.run("rm /srv/shares/production/heavy.bin")


def objects(box: Box, prefix: str) -> str:
    found = vault_administrator(box.lab).list_objects_v2(Bucket=box.vault.bucket, Prefix=prefix)
    return " ".join(entry["Key"] for entry in found.get("Contents", []))


def test_a_drill_fails_loudly_on_a_snapshot_that_the_box_did_not_make(box: Box, saved: dict[str, object]) -> None:
    """Whoever holds the box's key can add a snapshot from the future: newest is not enough."""
    box.run(f"{RESTIC} backup --tag dure --host ansan --time '2029-01-01 00:00:00' /etc/hostname")
    try:
        record = drill(box, expect=False)
        assert record["state"] == "failed"
        assert "is not the one this box made last" in str(record["error"])
        assert "restore drill failed" in box.run("journalctl -p err -u dure-restore-drill -n 5 --no-pager")
    finally:
        newest = json.loads(box.run(f"{RESTIC} snapshots --json"))[-1]["id"]
        vault_administrator(box.lab).delete_object(Bucket=box.vault.bucket, Key=f"snapshots/{newest}")


def test_a_drill_fails_loudly_when_the_vault_gives_other_bytes(box: Box, saved: dict[str, object]) -> None:
    keep = "/var/lib/dure/backup/status.json"
    box.run(f'cp {keep} /run/kept.json && sed -i \'s/"canary_sha256": "./"canary_sha256": "x/\' {keep}')
    try:
        assert "the canary came back with another sha256" in str(drill(box, expect=False)["error"])
    finally:
        box.run(f"cp /run/kept.json {keep}")
    assert drill(box)["state"] == "ok"


def test_a_folder_that_is_gone_makes_the_backup_fail(box: Box, saved: dict[str, object]) -> None:
    """A data disk that is not mounted must not look like an empty office."""
    box.run("mv /srv/shares /srv/elsewhere")
    try:
        record = back_up(box, expect=False)
        assert "/srv/shares is missing" in str(record["error"])
        assert box.run("systemctl is-active dure-backup-retry.timer").strip() == "active", "nobody tries again"
    finally:
        box.run("mv /srv/elsewhere /srv/shares")
    assert back_up(box)["state"] == "ok"


def test_the_box_cannot_delete_its_backups(box: Box, saved: dict[str, object]) -> None:
    before = objects(box, "snapshots/")
    newest = before.split()[-1].removeprefix("snapshots/")
    patient = RESTIC.replace("restic --", "timeout 5 restic --")  # it would try again for a quarter of an hour
    ended = box.lab.root("ansan", f"{patient} forget {newest} --prune")
    assert "Access" in ended.stdout + ended.stderr
    assert objects(box, "snapshots/") == before
    box.run(f"{RESTIC} unlock")
