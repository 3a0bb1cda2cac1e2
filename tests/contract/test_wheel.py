"""The wheel carries the stacks, playbooks and blueprints, and finds them where it is installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


def test_the_wheel_holds_the_toolkit_and_finds_it(tmp_path: Path) -> None:
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(tmp_path)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (wheel,) = tmp_path.glob("*.whl")
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path / "installed")
    ask = "import dure; print(dure.toolkit_path())"
    found = subprocess.run(
        [sys.executable, "-c", ask],
        env={"PYTHONPATH": str(tmp_path / "installed")},
        cwd=tmp_path,
        check=True,
        capture_output=True,
        text=True,
    )
    toolkit = Path(found.stdout.strip())
    assert toolkit == tmp_path / "installed" / "dure" / "toolkit"
    for part in ("blueprints/hybrid-server/blueprint.yaml", "playbooks/site.yml", "stacks/Pulumi.yaml"):
        assert (toolkit / part).is_file(), part
