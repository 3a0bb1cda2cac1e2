"""A checkout that lacks what a colleague applied is refused, whether that was ever committed or not."""

import subprocess
from dataclasses import dataclass
from pathlib import Path

import pytest
from dure.errors import Refused, UsageError
from dure.model.workspace import HUB
from dure.plan.applied import save
from dure.runs.checkout import head_commit
from dure.runs.context import Context
from dure.runs.holder import this_process
from dure.runs.journal import Journal
from dure.runs.live import Live, Request
from dure.runs.provision.prepare import applied_record, refuse_stale, resolve_plan
from dure.runs.remote_lease import Applied

from tests.unit.runs.conftest import Office
from tests.unit.runs.test_living_runs import Unattended


def git(root: Path, *arguments: str) -> None:
    who = ["-c", "user.name=김민수", "-c", "user.email=minsu@hanbit-it.example"]
    subprocess.run(["git", "-C", str(root), *who, *arguments], check=True, capture_output=True)


@dataclass
class Desk:
    """One engineer's checkout."""

    context: Context

    @property
    def root(self) -> Path:
        return self.context.workspace

    def live(self, **request: object) -> Live:
        asked = Request(site=HUB, commit=head_commit(self.root)).model_copy(update=request)
        journal = Journal(self.context.store, "run-1", self.context.artifacts("run-1"))
        holder = this_process(self.context.engineer, "run-1")
        return Live(self.context, "run-1", asked, holder, journal, Unattended(), lambda live: None)

    def edits(self) -> None:
        file = self.root / "operator.yaml"
        file.write_text(file.read_text().replace("203.0.113.10", "203.0.113.99"))

    def commits(self) -> None:
        git(self.root, "commit", "-aqm", "허브 주소")

    def applies(self, **request: object) -> Applied:
        """As register does; what hub and box remember from then on."""
        live = self.live(**request)
        plan = resolve_plan(self.context, HUB)
        live.keep_plan(plan)
        record = applied_record(live, "")
        save(self.root, plan)
        return record

    def may_follow(self, record: Applied, **request: object) -> None:
        refuse_stale(self.live(**request), record)


@pytest.fixture
def minsu(office: Office) -> Desk:
    (office.root / ".gitignore").write_text(".dure/\n")
    git(office.root, "init", "-q", "-b", "main")
    git(office.root, "add", "-A")
    git(office.root, "commit", "-qm", "작업 공간")
    return Desk(office.minsu)


@pytest.fixture
def jiwon(minsu: Desk, office: Office, tmp_path: Path) -> Desk:
    git(tmp_path, "clone", "-q", str(minsu.root), str(tmp_path / "theirs"))
    return Desk(Context(tmp_path / "theirs", office.jiwon.settings))


def test_what_was_committed_and_is_here_may_be_followed(minsu: Desk, jiwon: Desk) -> None:
    record = minsu.applies()
    assert record.files == ""
    jiwon.may_follow(record)
    jiwon.edits()
    jiwon.may_follow(record)


def test_a_checkout_without_the_applied_commit_is_refused(minsu: Desk, jiwon: Desk) -> None:
    minsu.edits()
    minsu.commits()
    record = minsu.applies()
    with pytest.raises(Refused, match=f"lacks commit {record.commit[:12]}"):
        jiwon.may_follow(record)
    git(jiwon.root, "pull", "-q")
    jiwon.may_follow(record)


def test_an_edit_that_was_applied_and_not_committed_is_not_taken_back(minsu: Desk, jiwon: Desk) -> None:
    minsu.edits()
    record = minsu.applies()
    with pytest.raises(Refused, match="applied and not committed") as refused:
        jiwon.may_follow(record)
    assert "have kim-minsu commit and push them, then git pull" in refused.value.mend
    jiwon.may_follow(record, force=True)
    minsu.commits()
    git(jiwon.root, "pull", "-q")
    jiwon.may_follow(record)


def test_an_edit_that_was_committed_later_may_be_followed_by_further_ones(minsu: Desk, jiwon: Desk) -> None:
    minsu.edits()
    record = minsu.applies()
    minsu.commits()
    git(jiwon.root, "pull", "-q")
    (jiwon.root / "operator.yaml").write_text((jiwon.root / "operator.yaml").read_text() + "# 메모\n")
    jiwon.may_follow(record)


def test_whoever_applied_an_edit_may_go_on_editing(minsu: Desk) -> None:
    minsu.edits()
    record = minsu.applies()
    (minsu.root / "operator.yaml").write_text((minsu.root / "operator.yaml").read_text() + "# 메모\n")
    minsu.may_follow(record)


def test_a_forced_run_from_outside_of_git_does_not_replace_a_known_commit_by_none(
    minsu: Desk, office: Office, tmp_path: Path
) -> None:
    record = minsu.applies()
    copy = tmp_path / "copy"
    copy.mkdir()
    (copy / "operator.yaml").write_bytes((minsu.root / "operator.yaml").read_bytes())
    outside = Desk(Context(copy, office.jiwon.settings))
    assert head_commit(copy) == ""
    with pytest.raises(Refused, match="lacks commit"):
        outside.may_follow(record)
    live = outside.live(force=True)
    live.results["lease"] = {"applied_commit": record.commit}
    live.keep_plan(resolve_plan(outside.context, HUB))
    forced = applied_record(live, "")
    assert forced.commit == record.commit
    assert forced.files != ""
    minsu.may_follow(forced)  # the files are the same


def test_a_repository_that_git_does_not_trust_is_told_apart_from_none(
    minsu: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("GIT_TEST_ASSUME_DIFFERENT_OWNER", "1")  # git's own seam for its tests
    with pytest.raises(UsageError, match="dubious ownership") as refused:
        head_commit(minsu.root)
    assert f"git config --global --add safe.directory {minsu.root}" in refused.value.mend


def test_a_workstation_without_git_is_told_what_to_do(
    minsu: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match="apt-get install git"):
        head_commit(minsu.root)
    assert head_commit(Path("/usr/share")) == ""


def test_a_repository_without_a_commit_has_none(tmp_path: Path) -> None:
    git(tmp_path, "init", "-q")
    assert head_commit(tmp_path) == ""
