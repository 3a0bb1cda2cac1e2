"""Makes a faulty workspace from the good one and a case's edits; see bad-workspaces/*.yaml."""

import os
import shutil
from pathlib import Path
from typing import Any

GOOD = Path(__file__).parent / "workspace"


def build(case: dict[str, Any], place: Path) -> Path:
    """A copy of the good workspace with the case's edits."""
    root = place / "workspace"
    shutil.copytree(GOOD, root)
    for edit in case.get("replace", []):
        file = root / edit["file"]
        text = file.read_text(encoding="utf-8")
        assert edit["old"] in text, f"{edit['file']} has no {edit['old']!r}"
        file.write_text(text.replace(edit["old"], edit["new"], 1), encoding="utf-8")
    for name in case.get("make", []):
        (root / name).mkdir(parents=True)
    for name, text in case.get("write", {}).items():
        (root / name).write_text(text, encoding="utf-8")
    for name, (unit, count) in case.get("big", {}).items():
        (root / name).write_text(unit * count, encoding="utf-8")
    for name, digits in case.get("hex", {}).items():
        (root / name).write_bytes(bytes.fromhex(digits))
    for name, encoding in case.get("encode", {}).items():
        file = root / name
        file.write_bytes(file.read_text(encoding="utf-8").encode(encoding))
    for name in case.get("crlf", []):
        (root / name).write_bytes((root / name).read_bytes().replace(b"\n", b"\r\n"))
    for name in case.get("delete", []):
        (root / name).unlink()
    for name in case.get("pipe", []):
        os.mkfifo(root / name)
    for name in case.get("directory", []):
        (root / name).mkdir()
    for name, target in case.get("link", {}).items():
        (root / name).symlink_to(target)
    return root
