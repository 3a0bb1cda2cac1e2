"""The backup's own decisions, with a real restic and a repository in a folder."""

import json
import os
import subprocess
import unicodedata
from datetime import datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import dure_backup
import dure_drill
import dure_restore
import dure_vault
import pytest

SEOUL = ZoneInfo("Asia/Seoul")


def settings(root: Path) -> dure_vault.Settings:
    return dure_vault.Settings(
        host="ansan",
        repository=str(root / "repository"),
        region="ap-northeast-2",
        paths=(root / "shares",),
        excludes=(),
        upload_limit_kib=1048576,
        office_from="09:00",
        office_to="18:00",
        sample_files=5,
        sample_bytes=1000,
    )


@pytest.fixture
def vault(tmp_path: Path) -> dure_vault.Vault:
    (tmp_path / "password").write_text("secret")
    (tmp_path / "shares").mkdir()
    vault = dure_vault.Vault(settings(tmp_path))
    vault.environment |= {
        "RESTIC_PASSWORD_FILE": str(tmp_path / "password"),
        "RESTIC_CACHE_DIR": str(tmp_path / "cache"),
    }
    return vault


@pytest.mark.parametrize(
    ("moment", "inside", "hours"),
    [
        (datetime(2026, 11, 23, 2, 30, tzinfo=SEOUL), False, 6.5),
        (datetime(2026, 11, 23, 9, 0, tzinfo=SEOUL), True, 24),
        (datetime(2026, 11, 23, 17, 59, tzinfo=SEOUL), True, 15 + 1 / 60),
        (datetime(2026, 11, 23, 18, 0, tzinfo=SEOUL), False, 15),
        (datetime(2026, 11, 20, 20, 0, tzinfo=SEOUL), False, 61),
        (datetime(2026, 11, 21, 12, 0, tzinfo=SEOUL), False, 45),
    ],
    ids=["night", "opening", "last minute", "closing", "friday evening", "saturday noon"],
)
def test_office_hours_are_known_and_the_next_ones_too(
    tmp_path: Path, moment: datetime, inside: bool, hours: float
) -> None:
    found, seconds = dure_backup.office_hours_begin(settings(tmp_path), moment)
    assert (found, seconds / 3600) == (inside, pytest.approx(hours))


def test_a_backup_goes_on_with_the_limit_when_office_hours_begin(
    vault: dure_vault.Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "shares" / "big").write_bytes(os.urandom(30_000_000))
    vault.open_or_make(tmp_path / "marker")
    asked: list[tuple[str, ...]] = []
    answers = iter([(False, 0.6), (True, 86400.0)])
    start = vault.start
    monkeypatch.setattr(dure_backup, "office_hours_begin", lambda *_: next(answers))

    def started(*arguments: str) -> "subprocess.Popen[str]":
        asked.append(arguments)
        return start(*arguments)

    monkeypatch.setattr(vault, "start", started)
    summary, unread = dure_backup.restic_backup(vault, (tmp_path / "shares",))
    assert ["--limit-upload" in arguments for arguments in asked] == [False, True]
    assert (summary["total_files_processed"], unread) == (1, [])


def test_a_repository_that_is_gone_is_never_remade(vault: dure_vault.Vault, tmp_path: Path) -> None:
    marker = tmp_path / "marker"
    vault.open_or_make(marker)
    vault.open_or_make(marker)
    subprocess.run(["rm", "-r", str(tmp_path / "repository")], check=True)
    with pytest.raises(dure_vault.VaultError, match="was there and is gone"):
        vault.open_or_make(marker)
    assert not (tmp_path / "repository").exists()


def test_a_wrong_password_makes_no_second_repository(vault: dure_vault.Vault, tmp_path: Path) -> None:
    vault.open_or_make(tmp_path / "marker")
    (tmp_path / "password").write_text("other")
    with pytest.raises(dure_vault.VaultError, match="wrong password"):
        vault.open_or_make(tmp_path / "marker")


NAMES = ["a[1]*?.txt", "도면 (최종)", "$HOME", "back\\slash", "!not", " lead and trail "]


def test_a_name_is_never_taken_for_a_pattern(vault: dure_vault.Vault, tmp_path: Path) -> None:
    shares = tmp_path / "shares"
    decomposed = unicodedata.normalize("NFD", "견적서.txt")
    for each in (*NAMES, "a1xx.txt", "bystander", decomposed):
        (shares / each).write_text(each)
    vault.open_or_make(tmp_path / "marker")
    dure_backup.restic_backup(vault, (shares,))
    snapshot = vault.snapshots()[-1]["id"]
    vault.restore(snapshot, [shares / name for name in NAMES], tmp_path / "out")
    came = {file.name for file in (tmp_path / "out").rglob("*") if file.is_file()}
    assert came == set(NAMES)
    found, nodes = dure_restore.find(vault, snapshot, shares / NAMES[0])
    assert (found, len(nodes)) == (shares / NAMES[0], 1)
    found, _ = dure_restore.find(vault, snapshot, shares / "견적서.txt")
    assert found.name == decomposed, "a composed name must find its decomposed file"


def test_a_name_in_an_old_encoding_is_backed_up_and_left_out_of_the_sample(
    vault: dure_vault.Vault, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """EUC-KR names come by USB sticks and rsync; a manifest in JSON cannot hold them."""
    shares = tmp_path / "shares"
    old = os.fsdecode("가나다.hwp".encode("euc-kr"))
    for name in (old, "새 파일.hwp"):
        (shares / name).write_text(name, errors="surrogateescape")
    monkeypatch.setattr(dure_backup, "MANIFEST", tmp_path / "manifest.json")
    dure_backup.write_manifest(vault.settings, (shares,))
    drawn = json.loads((tmp_path / "manifest.json").read_text(encoding="utf-8"))["files"]
    assert [Path(entry["path"]).name for entry in drawn] == ["새 파일.hwp"]
    vault.open_or_make(tmp_path / "marker")
    dure_backup.restic_backup(vault, (shares,))
    vault.restore(vault.snapshots()[-1]["id"], [shares], tmp_path / "out")
    assert {file.name for file in (tmp_path / "out").rglob("*.hwp")} == {old, "새 파일.hwp"}


def test_a_whole_share_comes_back_inside_itself_and_a_folder_beside_itself(tmp_path: Path) -> None:
    (tmp_path / "management" / "plans").mkdir(parents=True)
    share = tmp_path / "management"
    assert dure_restore.place_for(share, tmp_path) == share
    assert dure_restore.place_for(share / "plans", tmp_path) == share
    assert dure_restore.place_for(tmp_path / "gone", tmp_path) == tmp_path


def test_the_sample_keeps_to_its_limits(tmp_path: Path) -> None:
    for number in range(40):
        (tmp_path / f"{number}").write_bytes(b"x" * 100)
    (tmp_path / "huge").write_bytes(b"x" * 5000)
    drawn = dure_backup.draw_sample(settings(tmp_path), (tmp_path,))
    assert len(drawn) == len(set(drawn)) == 5
    assert str(tmp_path / "huge") not in drawn


def entry(file: Path, name: str) -> dict[str, object]:
    about = file.stat()
    return {
        "path": name,
        "size": about.st_size,
        "mtime_ns": about.st_mtime_ns,
        "sha256": dure_drill.digest(file),
    }


def test_the_drill_tells_damage_from_a_file_that_was_written_meanwhile(tmp_path: Path) -> None:
    for name in "abcdef":
        (tmp_path / name).write_text(name)
    manifest = {"files": [entry(tmp_path / name, f"/{name}") for name in "abcdef"]}
    assert dure_drill.compare(tmp_path, manifest) == (6, 0, 6)
    (tmp_path / "a").write_text("longer")
    (tmp_path / "b").unlink()
    assert dure_drill.compare(tmp_path, manifest) == (4, 2, 4)
    about = (tmp_path / "c").stat()
    (tmp_path / "c").write_text("X")
    os.utime(tmp_path / "c", ns=(about.st_atime_ns, about.st_mtime_ns))
    with pytest.raises(dure_vault.VaultError, match="differs from the original"):
        dure_drill.compare(tmp_path, manifest)


def test_a_drill_with_most_files_lost_fails(tmp_path: Path) -> None:
    (tmp_path / "a").write_text("a")
    lost = entry(tmp_path / "a", "/gone")
    with pytest.raises(dure_vault.VaultError, match="did not come back"):
        dure_drill.compare(tmp_path, {"files": [lost] * 9})


def test_hooks_that_others_may_write_are_not_run(tmp_path: Path) -> None:
    hook = tmp_path / "erp.dump"
    hook.write_text("#!/bin/sh\necho rows\n")
    hook.chmod(0o777)
    dumps = tmp_path / "dumps"
    assert "not run" in dure_backup.run_hooks(tmp_path, dumps)[0]
    hook.chmod(0o755)
    if os.geteuid() == 0:
        assert dure_backup.run_hooks(tmp_path, dumps) == []
        assert (dumps / "erp").read_text() == "rows\n"
    hook.unlink()
    dure_backup.run_hooks(tmp_path, dumps)
    assert not list(dumps.iterdir())


def test_a_record_is_replaced_whole(tmp_path: Path) -> None:
    file = tmp_path / "status.json"
    dure_vault.write_record(file, {"state": "ok"})
    assert (json.loads(file.read_text()), oct(file.stat().st_mode)[-3:]) == ({"state": "ok"}, "644")
    file.write_text("{half")
    assert dure_vault.read_record(file) == {}
    assert [entry.name for entry in tmp_path.iterdir()] == ["status.json"]


def test_restics_times_are_read_to_the_microsecond() -> None:
    found = dure_vault.parse_time("2026-11-22T13:40:58.645573548+09:00")
    assert dure_vault.stamp(found) == "2026-11-22T04:40:58Z"
    assert dure_vault.parse_time("2026-11-22T04:40:58Z") + timedelta(microseconds=645573) == found
