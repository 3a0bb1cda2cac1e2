"""The environment that Ansible runs in: settings by variable, nothing of the user's own that it does not need."""

import importlib.util
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path

from dure.errors import DureError

PASSED_ON = ("HOME", "PATH", "USER", "LOGNAME", "SSH_AUTH_SOCK", "TMPDIR", "XDG_RUNTIME_DIR")


def passed_on(environment: Mapping[str, str]) -> dict[str, str]:
    """What of the user's environment Ansible may see; tokens and passwords that lie there are none of its business."""
    return {name: environment[name] for name in PASSED_ON if name in environment}


def settings(
    playbooks: Path, directory: Path, sockets: Path, ssh_config: Path, strategy: Path | None
) -> dict[str, str]:
    """Ansible's settings. `directory` is the run's own, `sockets` a short path for SSH's control sockets."""
    chosen = {
        "ANSIBLE_CONFIG": str(directory / "ansible.cfg"),
        "ANSIBLE_HOME": str(directory / "home"),
        "ANSIBLE_LOCAL_TEMP": str(directory / "home" / "tmp"),
        "ANSIBLE_ROLES_PATH": str(playbooks / "roles"),
        "ANSIBLE_INVENTORY_ENABLED": "ansible.builtin.yaml",
        "ANSIBLE_HOST_KEY_CHECKING": "True",
        "ANSIBLE_SSH_ARGS": f"-F {ssh_config} -o ControlMaster=auto -o ControlPersist=60s",
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(sockets),
        "ANSIBLE_SSH_RETRIES": "1",
        "ANSIBLE_PIPELINING": "True",
        "ANSIBLE_SSH_TRANSFER_METHOD": "piped",
        "ANSIBLE_GATHERING": "explicit",
        "ANSIBLE_CACHE_PLUGIN": "memory",
        "ANSIBLE_PYTHON_INTERPRETER": "/usr/bin/python3",
        "ANSIBLE_TIMEOUT": "15",
        "ANSIBLE_NOCOLOR": "True",
        "ANSIBLE_DEPRECATION_WARNINGS": "False",
        "ANSIBLE_LOCALHOST_WARNING": "False",
        "ANSIBLE_INVENTORY_UNPARSED_WARNING": "False",
        "LANG": "C.UTF-8",
        "LC_ALL": "C.UTF-8",
    }
    if strategy is not None:
        chosen |= {"ANSIBLE_STRATEGY_PLUGINS": str(strategy), "ANSIBLE_STRATEGY": "mitogen_linear"}
    return chosen


def ansible_playbook() -> Path:
    """The program beside our own interpreter, else on PATH. Raises DureError when there is none."""
    beside = Path(sys.executable).parent / "ansible-playbook"
    found = str(beside) if beside.exists() else shutil.which("ansible-playbook")
    if not found:
        mend = "install Dure with its requirements again (in a checkout: `make prepare`)"
        raise DureError("ansible-playbook is not there", mend=mend)
    return Path(found)


def mitogen_strategies() -> Path | None:
    """Directory of mitogen's strategy plugins, found without importing them; None when it is not installed."""
    spec = importlib.util.find_spec("ansible_mitogen")
    if spec is None or not spec.submodule_search_locations:
        return None
    directory = Path(spec.submodule_search_locations[0]) / "plugins" / "strategy"
    return directory if directory.is_dir() else None
