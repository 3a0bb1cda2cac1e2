"""ansible-lint over playbooks/, offline, with this environment's own Ansible."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent


def main() -> int:
    if not (ROOT / "playbooks").is_dir():
        return 0
    bin_directory = Path(sys.executable).parent
    environment = {
        **os.environ,
        "PATH": f"{bin_directory}:{os.environ['PATH']}",
        "ANSIBLE_HOME": str(ROOT / ".cache" / "ansible"),
    }
    lint = [str(bin_directory / "ansible-lint"), "--offline", "-q", "--nocolor", "playbooks"]
    return subprocess.run(lint, cwd=ROOT, env=environment).returncode


if __name__ == "__main__":
    sys.exit(main())
