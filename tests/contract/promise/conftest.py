"""An MSP of two engineers with real keys, three customers and a clock that stands where a test puts it."""

import shutil
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from unittest import mock

import pytest
import yaml
from dure.store.database import Store, store_at

from tests.contract.command import Outcome, operator
from tests.unit.runs.conftest import OPERATOR, make_key

HERE = Path(__file__).parent


@dataclass
class Bureau:
    """The workspace, as the engineer who sits there now uses it; `at` is now in seconds UTC.

    `chain_at` is the time of the audit chain's links where it is another one.
    """

    root: Path
    keys: dict[str, Path]
    at: int = 0
    chain_at: int = 0
    data: Path = field(default=HERE / "data")

    def sit(self, engineer: str) -> None:
        """That engineer works at this workstation from now on."""
        settings = {"engineer": engineer, "ssh_key": str(self.keys[engineer])}
        (self.root / ".dure").mkdir(exist_ok=True)
        (self.root / ".dure" / "local.yaml").write_text(yaml.safe_dump(settings))

    def clock(self, moment: str) -> None:
        """Set the clock, in Seoul."""
        self.at = int(datetime.fromisoformat(f"{moment}+09:00").timestamp())

    def run(self, *arguments: str | Path) -> Outcome:
        """`operator ARGUMENTS` in the workspace at the time that is set."""
        chain = datetime.fromtimestamp(self.chain_at or self.at, UTC)
        with (
            mock.patch("dure.runs.promise.clock.now", return_value=self.at),
            mock.patch("dure.runs.audit.moment", return_value=chain),
        ):
            return operator(*arguments, "-w", self.root)

    def store(self) -> Store:
        return store_at(self.root, "")

    def edit(self, file: str, old: str, new: str) -> None:
        """Change a file of the workspace."""
        path = self.root / file
        text = path.read_text(encoding="utf-8")
        assert old in text
        path.write_text(text.replace(old, new, 1), encoding="utf-8")


@pytest.fixture(scope="session")
def keys(tmp_path_factory: pytest.TempPathFactory) -> dict[str, tuple[Path, str]]:
    """Engineer -> private key file and public line."""
    place = tmp_path_factory.mktemp("keys")
    return {name: (place / name, make_key(place / name)) for name in ("kim-minsu", "lee-jiwon")}


def opened(root: Path, keys: dict[str, tuple[Path, str]]) -> Bureau:
    made = Bureau(root, {name: key for name, (key, _) in keys.items()})
    made.sit("kim-minsu")
    made.clock("2026-07-03T10:00")
    return made


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory, keys: dict[str, tuple[Path, str]]) -> Path:
    """The workspace with June's spans in its store, made once; tests work on copies."""
    root = tmp_path_factory.mktemp("template") / "workspace"
    shutil.copytree(HERE / "workspace", root)
    lines = {"minsu": keys["kim-minsu"][1], "jiwon": keys["lee-jiwon"][1]}
    (root / "operator.yaml").write_text(OPERATOR.format(**lines), encoding="utf-8")
    made = opened(root, keys)
    made.chain_at = int(datetime.fromisoformat("2026-06-01T00:00+09:00").timestamp())  # before all that tests agree
    assert made.run("sla", "import", made.data / "june-spans.csv").code == 0
    return root


@pytest.fixture
def bureau(tmp_path: Path, template: Path, keys: dict[str, tuple[Path, str]]) -> Bureau:
    """Without any data."""
    root = tmp_path / "workspace"
    shutil.copytree(template, root, ignore=shutil.ignore_patterns(".dure"))
    return opened(root, keys)


@pytest.fixture
def june(tmp_path: Path, template: Path, keys: dict[str, tuple[Path, str]]) -> Bureau:
    """June's spans are in the store, and it is the third business day of July."""
    root = tmp_path / "workspace"
    shutil.copytree(template, root)
    return opened(root, keys)
