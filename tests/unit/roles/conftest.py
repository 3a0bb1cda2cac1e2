"""The programs of the roles lie beside their roles, as they will on the box."""

import sys
from pathlib import Path

ROLES = Path(__file__).parents[3] / "playbooks" / "roles"

sys.dont_write_bytecode = True
for role in ("backup", "restore_drill", "box_page", "heartbeat", "heartbeat_receiver", "lan", "file_share"):
    sys.path.append(str(ROLES / role / "files"))
