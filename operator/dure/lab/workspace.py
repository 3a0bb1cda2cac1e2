"""Joins a workspace with the lab, so that the same commands reach the lab's machines."""

from pathlib import Path

import yaml

from dure.lab.instance import Lab
from dure.lab.topology import MOTO_PORT, SERVICES_ADDRESS
from dure.model.local import LocalSettings, state_directory


def local_settings(lab: Lab, **more: Path) -> LocalSettings:
    """The settings of a workstation that sits beside the lab."""
    return LocalSettings(
        engineer="kim-minsu",
        ssh_key=lab.key,
        proxy_command=lab.proxy_command,
        outside_command=lab.outside_command,
        aws_endpoint=f"http://127.0.0.1:{lab.moto.port}",
        vault_endpoint=f"http://{SERVICES_ADDRESS}:{MOTO_PORT}",
        aws_credentials=lab.moto.credentials,
        **more,
    )


def write_local_settings(workspace: Path, lab: Lab) -> Path:
    """Write `.dure/local.yaml`; an age identity that stands there is kept in use. Returns the file."""
    directory = state_directory(workspace)
    identity = directory / "identity.txt"
    settings = local_settings(lab, **({"age_identity": identity} if identity.exists() else {}))
    file = directory / "local.yaml"
    text = yaml.safe_dump(settings.model_dump(mode="json", exclude_defaults=True), allow_unicode=True)
    file.write_text(text, encoding="utf-8")
    return file
