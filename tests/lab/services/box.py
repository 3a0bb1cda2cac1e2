"""The service roles on one lab box, with the plan's own variables and a vault of its own."""

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import boto3
import yaml
from dure import toolkit_path
from dure.configure.environment import mitogen_strategies
from dure.lab.instance import Lab
from dure.lab.topology import MOTO_PORT, SERVICES_ADDRESS
from dure.model import load_site
from dure.plan import resolve
from dure.plan.value import Plan

if TYPE_CHECKING:
    from mypy_boto3_s3.client import S3Client

BOX_ROLES = ("lan", "file_share", "backup", "restore_drill", "heartbeat", "box_page")
PASSWORDS = {"park-youngho": "하늘-blue-7431", "choi-eunji": "purple;rain $HOME 'x'", "jung-daesu": "short-enough-99"}


@dataclass
class Vault:
    """A bucket and the key that the box gets: it reads and adds, and deletes under locks/ only."""

    bucket: str
    access_key_id: str = ""
    secret_access_key: str = ""


def aws_arguments(lab: Lab) -> dict[str, str]:
    """How boto3 reaches the lab's AWS as its administrator."""
    lines = lab.moto.credentials.read_text().replace(" ", "").splitlines()
    keys = dict(line.split("=", 1) for line in lines if "=" in line)
    return {
        "endpoint_url": f"http://127.0.0.1:{lab.moto.port}",
        "region_name": "ap-northeast-2",
        "aws_access_key_id": keys["aws_access_key_id"],
        "aws_secret_access_key": keys["aws_secret_access_key"],
    }


def vault_administrator(lab: Lab) -> "S3Client":
    return boto3.client("s3", **aws_arguments(lab))  # type: ignore[call-overload]  # keyword arguments by name


def make_vault(lab: Lab, bucket: str) -> Vault:
    arguments = aws_arguments(lab)
    s3 = vault_administrator(lab)
    iam = boto3.client("iam", **arguments)  # type: ignore[call-overload]  # keyword arguments by name
    s3.create_bucket(Bucket=bucket, CreateBucketConfiguration={"LocationConstraint": "ap-northeast-2"})
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    iam.create_user(UserName=bucket)
    arn = f"arn:aws:s3:::{bucket}"
    statements = [
        # moto knows HEAD by a name of its own, which AWS covers by ListBucket.
        {"Effect": "Allow", "Action": ["s3:ListBucket", "s3:HeadBucket", "s3:GetBucketLocation"], "Resource": arn},
        {"Effect": "Allow", "Action": ["s3:GetObject", "s3:PutObject"], "Resource": f"{arn}/*"},
        {"Effect": "Allow", "Action": ["s3:DeleteObject"], "Resource": f"{arn}/locks/*"},
    ]
    document = json.dumps({"Version": "2012-10-17", "Statement": statements})
    iam.put_user_policy(UserName=bucket, PolicyName="box", PolicyDocument=document)
    key = iam.create_access_key(UserName=bucket)["AccessKey"]
    return Vault(bucket, key["AccessKeyId"], key["SecretAccessKey"])


@dataclass
class Box:
    """One lab machine with the service roles, reached the first way."""

    lab: Lab
    name: str
    site: str
    workspace: Path
    scratch: Path
    vault: Vault
    roles: tuple[str, ...] = BOX_ROLES
    variables: dict[str, object] = field(default_factory=dict)

    @property
    def plan(self) -> Plan:
        return resolve(load_site(self.workspace, self.site), toolkit_path())

    def role_variables(self) -> dict[str, object]:
        """As the plan has them; what a stack or this workstation adds is added here."""
        found: dict[str, object] = {}
        for role in self.plan.machine.roles:
            if role.name in self.roles:
                found.update(role.variables)
        found["backup_endpoint"] = f"http://{SERVICES_ADDRESS}:{MOTO_PORT}"
        found["backup_bucket"] = self.vault.bucket
        return found | self.variables

    def write_secrets(self, passwords: dict[str, str]) -> Path:
        directory = self.scratch / "secrets"
        directory.mkdir(mode=0o700, exist_ok=True)
        values = {
            "restic_password": "restic-password-of-the-test",
            "aws_access_key_id": self.vault.access_key_id,
            "aws_secret_access_key": self.vault.secret_access_key,
            **{f"smb_{user}": password for user, password in passwords.items()},
        }
        for name, value in values.items():
            (directory / name).write_text(value)
        return directory

    def converge(self, *, check: bool = False, passwords: dict[str, str] = PASSWORDS) -> dict[str, list[str]]:
        """Apply the roles; names of the tasks that changed, failed, by kind. Raises AssertionError on failure."""
        ended = self.play(check=check, passwords=passwords)
        assert ended.returncode == 0, ended.stdout[-4000:] + ended.stderr[-2000:]
        return outcome(ended.stdout)

    def play(self, *, check: bool = False, passwords: dict[str, str] = PASSWORDS) -> subprocess.CompletedProcess[str]:
        secrets = self.write_secrets(passwords)
        way = f"{' '.join(self.lab.inside(self.name))} socat STDIO TCP4:%h:%p"
        known = f"-o UserKnownHostsFile={self.lab.directory / 'known_hosts'} -o HostKeyAlias={self.name}"
        common = f"-F none -o ProxyCommand='{way}' {known} -o StrictHostKeyChecking=yes"
        host = {
            "ansible_user": "dure",
            "ansible_host": "127.0.0.1",
            "ansible_become": True,
            "ansible_python_interpreter": "/usr/bin/python3",
            "ansible_ssh_private_key_file": str(self.lab.key),
            "ansible_ssh_common_args": common,
            "dure_secret_directory": str(secrets),
            **self.role_variables(),
        }
        inventory = self.scratch / "inventory.yml"
        inventory.write_text(yaml.safe_dump({"all": {"hosts": {self.name: host}}}, allow_unicode=True))
        playbook = self.scratch / "play.yml"
        tasks = [{"ansible.builtin.import_role": {"name": role}} for role in self.roles]
        playbook.write_text(yaml.safe_dump([{"hosts": "all", "gather_facts": False, "tasks": tasks}]))
        strategies = mitogen_strategies()
        assert strategies is not None, "mitogen is missing"
        environment = {
            **os.environ,
            "ANSIBLE_STRATEGY": "mitogen_linear",
            "ANSIBLE_STRATEGY_PLUGINS": str(strategies),
            "ANSIBLE_ROLES_PATH": str(toolkit_path() / "playbooks" / "roles"),
            "ANSIBLE_PIPELINING": "true",
            "ANSIBLE_STDOUT_CALLBACK": "ansible.builtin.default",
            "ANSIBLE_NOCOLOR": "1",
            "ANSIBLE_SSH_CONTROL_PATH_DIR": str(self.scratch / "cp"),
            "ANSIBLE_DEPRECATION_WARNINGS": "false",
        }
        program = Path(sys.executable).with_name("ansible-playbook")
        arguments = [str(program), "-i", str(inventory), str(playbook), *(["--check", "--diff"] if check else [])]
        return subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=300, check=False)

    def run(self, command: str, *, seconds: float = 60, check: bool = True) -> str:
        """Standard output of a root command on the box."""
        ended = self.lab.root(self.name, command, seconds=seconds)
        assert not check or ended.returncode == 0, f"{command}: {ended.stdout}{ended.stderr}"
        return ended.stdout

    def record(self, role: str) -> dict[str, object]:
        found = json.loads(self.run(f"cat /var/lib/dure/{role}/status.json"))
        assert isinstance(found, dict)
        return found


def outcome(output: str) -> dict[str, list[str]]:
    """Task names by what became of them."""
    found: dict[str, list[str]] = {"changed": [], "failed": [], "fatal": []}
    task = ""
    for line in output.splitlines():
        if line.startswith("TASK ["):
            task = line[6:].split("]")[0]
        for kind in found:
            if line.startswith(f"{kind}:") and task not in found[kind]:
                found[kind].append(task)
    return found
