"""operator stacks from nothing to nothing, as a person gives it: looked at, made, changed, drifted, taken down."""

import json
import stat
from pathlib import Path

import pytest
import yaml
from dure.cloud import moto

from tests.contract.command import operator
from tests.contract.stacks.desk import Desk, make_desk

URN = "urn:pulumi:beta.seoul::dure::dure:iaas:BackupVault$aws:s3/bucket:Bucket::vault"


@pytest.fixture(scope="module")
def standing(tmp_path_factory: pytest.TempPathFactory, account: moto.Account) -> Desk:
    """Both stacks stand; tests that use them leave them as they were."""
    desk = make_desk(tmp_path_factory.mktemp("standing"), account, "standing-msp")
    made = desk("up", "tag=seoul", "--yes", "--reason", "the first time", "--parallel", "2")
    assert made.code == 0, made.stderr
    order = [line.partition(":")[0] for line in made.stderr.splitlines() if ": changed" in line]
    assert order == ["alpha/main", "beta/seoul"], "upstream first"
    return desk


def test_before_anything_stands_all_is_shown_and_nothing_touched(desk: Desk) -> None:
    listed = {one["site"]: (one["state"], one["upstream"]) for one in desk.json("list")}
    assert listed == {
        "alpha/main": ("absent", []),
        "beta/seoul": ("absent", ["alpha/main"]),
        "gamma/erp": ("absent", ["landing-zone"]),
        "landing-zone": ("absent", []),
    }
    shown = {one["plan"]["site"]: one for one in desk.json("preview", "tag=seoul")["stacks"]}
    assert shown["alpha/main"]["provisional"] == ""
    assert shown["beta/seoul"]["provisional"] == "alpha/main is not applied"
    assert len(shown["beta/seoul"]["preview"]["changes"]) == 12
    assert desk.buckets() == []


def test_a_tenant_of_no_landing_zone_is_provisional_and_gets_no_invented_values(desk: Desk) -> None:
    (shown,) = desk.json("preview", "gamma/erp")["stacks"]
    comment = desk("preview", "gamma/erp", "--markdown")
    assert comment.code == 3
    assert "**1 stacks**" not in comment.stdout
    assert "**1 stack**: 1 provisional." in comment.stdout
    assert shown["provisional"] == "landing-zone is not applied, and what it will put out is not known"
    assert shown["preview"] is None
    assert "upstream" not in shown["plan"]["cloud"]["inputs"]
    refused = desk("up", "gamma/erp", "--yes")
    assert refused.code == 1
    assert "landing-zone is not applied. To mend: operator stacks up landing-zone" in refused.stderr


def test_what_was_applied_is_known_and_left_out_by_changed(standing: Desk) -> None:
    states = {one["site"]: (one["state"], one["plan"]) for one in standing.json("list", "tag=seoul")}
    assert states == {"alpha/main": ("stands", "applied"), "beta/seoul": ("stands", "applied")}
    again = standing.json("up", "tag=seoul", "--changed", "--yes")
    assert [(one["state"], one["reason"]) for one in again["results"]] == [("unchanged", "as last applied")] * 2

    standing.edit("customers/alpha.yaml", "backup_lock_days: 30", "backup_lock_days: 31")
    try:
        shown = standing("preview", "tag=seoul", "--changed")
        assert shown.code == 3
        assert "alpha/main: 2 to update" in shown.stdout
        assert "      rule.defaultRetention.days: 30 -> 31" in shown.stdout
        assert "beta/seoul: as last applied" in shown.stdout
    finally:
        standing.edit("customers/alpha.yaml", "backup_lock_days: 31", "backup_lock_days: 30")


def test_it_is_kept_who_did_it_and_why(standing: Desk) -> None:
    links = json.loads(operator("audit", "show", "-w", standing.root, "--json").stdout)
    made = [(one["what"], one["where"], one["why"]) for one in links if one["why"] == "the first time"]
    assert made == [("stacks up", "alpha/main", "the first time"), ("stacks up", "beta/seoul", "the first time")]
    assert operator("audit", "verify", "--offline", "-w", standing.root).code == 0
    runs = json.loads(operator("runs", "list", "-w", standing.root, "--json").stdout)
    first = next(one for one in runs if one["reason"] == "the first time")
    assert (first["kind"], first["state"]) == ("stacks up", "done")
    steps = json.loads(operator("runs", "show", first["id"], "-w", standing.root, "--json").stdout)["steps"]
    assert [(one["name"], one["state"]) for one in steps] == [("alpha/main", "done"), ("beta/seoul", "done")]


def test_a_secret_is_shown_only_when_asked_for(standing: Desk) -> None:
    masked = standing.json("outputs", "beta/seoul")
    clear = standing.json("outputs", "beta/seoul", "--show-secrets")
    assert masked["secret_access_key"] == "[secret]"
    assert len(clear["secret_access_key"]) >= 40
    assert masked["bucket"] == clear["bucket"]
    kept = [file.read_bytes() for file in standing.root.rglob("*") if file.is_file()]
    assert not [one for one in kept if clear["secret_access_key"].encode() in one]


def test_just_what_was_previewed_is_applied_and_nothing_else(standing: Desk, tmp_path: Path) -> None:
    standing.edit("customers/alpha.yaml", "backup_lock_days: 30", "backup_lock_days: 32")
    file = tmp_path / "plan.json"
    assert standing("preview", "alpha", "--save", str(file)).code == 3
    assert stat.S_IMODE(file.stat().st_mode) == 0o600

    standing.edit("customers/alpha.yaml", "backup_lock_days: 32", "backup_lock_days: 33")
    other = standing("up", "--plan", str(file))
    assert other.code == 4
    assert "alpha/main would not be what was previewed; nothing was touched" in other.stderr
    assert "the workspace has changed since: ~ cloud.inputs.lock_days: 32 -> 33" in other.stderr

    standing.edit("customers/alpha.yaml", "backup_lock_days: 33", "backup_lock_days: 32")
    bucket = standing.json("outputs", "alpha/main")["bucket"]
    s3 = standing.client("s3")
    applied = standing("up", "--plan", str(file), "--reason", "as looked at")
    assert (applied.code, applied.stdout) == (0, "1 stack: 1 changed\n")
    lock = s3.get_object_lock_configuration(Bucket=bucket)["ObjectLockConfiguration"]
    assert lock["Rule"]["DefaultRetention"]["Days"] == 32

    stale = standing("up", "--plan", str(file))
    assert stale.code == 4
    assert "alpha/main would not be what was previewed" in stale.stderr
    assert "it would no longer update aws:s3/" in stale.stderr
    standing.edit("customers/alpha.yaml", "backup_lock_days: 32", "backup_lock_days: 30")
    assert standing("up", "alpha", "--yes").code == 0


EVERYTHING = "arn:aws:iam::aws:policy/AdministratorAccess"


def test_drift_is_found_kept_and_mended(standing: Desk) -> None:
    bucket, s3 = standing.json("outputs", "beta/seoul")["bucket"], standing.client("s3")
    before = standing.state("beta.seoul").read_bytes()
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Suspended"})
    s3.delete_bucket_lifecycle(Bucket=bucket)
    stray, iam = f"{standing.msp}-stray", standing.client("iam")
    iam.create_user(
        UserName=stray,
        Tags=[{"Key": "dure:msp", "Value": standing.msp}, {"Key": "dure:site", "Value": "beta/seoul"}],
    )
    (box,) = [
        one["UserName"]
        for one in iam.list_users()["Users"]
        if one["UserName"] != stray
        and {"Key": "dure:site", "Value": "beta/seoul"} in iam.list_user_tags(UserName=one["UserName"])["Tags"]
    ]
    iam.attach_user_policy(UserName=box, PolicyArn=EVERYTHING)
    try:
        found = standing("drift", "beta", "--json")
        (seen,) = json.loads(found.stdout)["stacks"]
        assert found.code == 3
        assert [(one["name"], one["properties"]) for one in seen["changed"]] == [
            (
                "vault-versioning",
                [{"path": "versioningConfiguration.status", "before": "Enabled", "after": "Suspended"}],
            )
        ]
        assert [one["name"] for one in seen["missing"]] == ["vault-lifecycle"]
        assert seen["unmanaged"] == [f"arn:aws:iam::123456789012:user/{stray}", f"{box}/{EVERYTHING}"]
        assert standing.state("beta.seoul").read_bytes() == before, "a look changes no state"
        (row,) = standing.json("list", "beta")
        assert row["drift"] == 4
    finally:
        iam.delete_user(UserName=stray)
        iam.detach_user_policy(UserName=box, PolicyArn=EVERYTHING)
    assert standing("refresh", "beta", "--yes").code == 0
    mended = standing.json("up", "beta", "--yes")["results"][0]
    assert {one["name"]: one["op"] for one in mended["changes"]} == {
        "vault-versioning": "update",
        "vault-lifecycle": "create",
    }
    assert standing("drift", "beta").stdout == "beta/seoul: no drift\n"


def test_what_nobody_wants_any_more_is_told(standing: Desk) -> None:
    file = standing.root / "customers" / "beta.yaml"
    text = file.read_text()
    file.write_text(yaml.safe_dump({"id": "beta", "name": "시험 beta"}, allow_unicode=True))
    try:
        states = {one["site"]: one["state"] for one in standing.json("list")}
        assert states["beta/seoul"] == "orphaned"
        refused = standing("destroy", "alpha/main", "--yes")
        assert (refused.code, "beta/seoul still stands on it" in refused.stderr) == (4, True)
        assert "12 resources" in standing("destroy", "beta/seoul", "--check").stdout, "as it was last applied"
    finally:
        file.write_text(text)


def test_what_holds_data_goes_only_when_it_is_named_twice(standing: Desk) -> None:
    """The last one: takes both stacks down."""
    upstream = standing("destroy", "alpha/main", "--yes")
    assert upstream.code == 4
    assert "alpha/main cannot be destroyed yet, because beta/seoul still stands on it" in upstream.stderr
    refused = standing("destroy", "beta/seoul", "--yes")
    assert refused.code == 4
    assert f"--unprotect '{URN}'" in refused.stderr
    assert standing("destroy", "beta/seoul", "--yes", "--unprotect", URN).code == 2, "without a reason"
    named = ("destroy", "beta/seoul", "--yes", "--unprotect", URN, "--reason", "the customer has left")
    unconfirmed = standing(*named)
    assert unconfirmed.code == 4
    assert "give --confirm beta/seoul" in unconfirmed.stderr
    mistyped = standing(*named, "--unprotect", f"{URN}x", "--confirm", "beta/seoul")
    assert (mistyped.code, "is not protected" in mistyped.stderr) == (2, True)
    assert len(standing.buckets()) == 2, "nothing was touched"

    done = standing(*named, "--confirm", "beta/seoul")
    assert (done.code, done.stdout) == (0, "1 stack: 1 changed\n")
    assert [name for name in standing.buckets() if "beta" in name] == []
    assert {one["site"]: one["state"] for one in standing.json("list", "tag=seoul")} == {
        "alpha/main": "stands",
        "beta/seoul": "absent",
    }
