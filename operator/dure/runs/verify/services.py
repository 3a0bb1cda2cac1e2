"""What the customer's people use: shares, the box page, and files that come back from the vault."""

import contextlib
import hashlib
import shlex
from collections.abc import Iterator
from importlib.resources import files

from pydantic import JsonValue

from dure.errors import DureError
from dure.plan.value import RolePlan, VerificationPlan
from dure.runs.provision.secret_values import secret_store
from dure.runs.verify.row import Seen
from dure.runs.verify.scene import Scene, Vantage
from dure.secrets import secret_files

BACKUP_SECONDS = 600.0

FETCH = """import sys, urllib.request
with urllib.request.urlopen(sys.argv[1], timeout=8) as answer:
    sys.stdout.buffer.write(b"%d\\n" % answer.status + answer.read())
"""


def file_share(scene: Scene, one: VerificationPlan) -> Seen:
    """One of the staff logs in with SMB3 and lists a share."""
    share, user, password = _first_share(scene)
    vantage = scene.lan()
    what = f"SMB3 login of {user} to {share} from the {vantage.name if vantage.name == 'box' else 'LAN'}"
    result = _smb(scene, vantage, share, user, password, "ls")
    seen = "listed" if result == "" else result
    return Seen(what, "listed", seen, ok=result == "")


def box_page(scene: Scene, one: VerificationPlan) -> Seen:
    """The page answers the LAN, with the customer's name on it."""
    url = f"http://{scene.plan.host.lan_address}/"
    result = scene.lan().script(FETCH, [url], deadline=20)
    status, _, page = result.stdout.decode(errors="replace").partition("\n")
    what, expected = f"box page {url}", f"200, with {scene.plan.customer_name}"
    if result.code != 0:
        return Seen(what, expected, result.complaint, ok=False)
    named = scene.plan.customer_name in page
    return Seen(what, expected, f"{status}, {'with' if named else 'without'} the name", ok=status == "200" and named)


def backup_restore(scene: Scene, one: VerificationPlan) -> Seen:
    """A file written over SMB goes to the vault and comes back the same."""
    share, user, password = _first_share(scene)
    name = f"dure-확인-{scene.live.run}.txt"
    body = f"{scene.live.run} 두레 백업 확인\n".encode() * 64
    vantage = scene.lan()
    problem = _smb(scene, vantage, share, user, password, f'put {{FILE}} "{name}"', body)
    what, expected = f"file of {user} in {share}, backed up and restored", "the same sha256"
    if problem:
        return Seen(what, expected, f"it could not be written: {problem}", ok=False)
    root = _variable(scene, "file_share", "file_share_root")
    source = files("dure.runs.verify").joinpath("restore_proof.py").read_text()
    answer = scene.script(scene.box, source, {"file": f"{root}/{share}/{name}"}, BACKUP_SECONDS)
    sent = hashlib.sha256(body).hexdigest()
    same = answer.get("written") == sent == answer.get("restored")
    verdict = "the same" if same else "another"
    seen = f"{verdict}, {str(answer.get('restored'))[:12]}… from snapshot {answer.get('snapshot')}"
    return Seen(what, expected, seen, ok=same)


def _first_share(scene: Scene) -> tuple[str, str, str]:
    """A share, a user who may enter it, and the password. Raises DureError when nobody may enter any."""
    role = _role(scene, "file_share")
    users = _dicts(role.variables.get("file_share_users"))
    for share in _dicts(role.variables.get("file_share_shares")):
        groups = share.get("groups")
        for user in users:
            theirs = user.get("groups")
            if isinstance(groups, list) and isinstance(theirs, list) and set(map(str, groups)) & set(map(str, theirs)):
                reference = role.secrets[str(user["password_file"])].removeprefix("secret:")
                return str(share["id"]), str(user["id"]), secret_store(scene.live.context).get(reference)
    raise DureError("no share has anybody who may enter it", where=scene.plan.site, mend="give its groups a user")


def _smb(scene: Scene, vantage: Vantage, share: str, user: str, password: str, command: str, body: bytes = b"") -> str:
    """Run one smbclient command; what went wrong, empty when nothing did. The password goes by file, never by argv."""
    login = f"username = {user}\npassword = {password}\ndomain = WORKGROUP\n".encode()
    with _files_at(vantage, login, body) as (login_file, body_file):
        argv = [
            "smbclient", f"//{scene.plan.host.lan_address}/{share}", "-A", login_file, "--max-protocol=SMB3",
            "--option=client min protocol=SMB3", "--option=client signing=required", "-t", "20",
            "-c", command.replace("{FILE}", shlex.quote(body_file)),
        ]  # fmt: skip
        result = vantage.run(argv, deadline=40, sudo=True)
    return "" if result.code == 0 else result.complaint


@contextlib.contextmanager
def _files_at(vantage: Vantage, login: bytes, body: bytes) -> Iterator[tuple[str, str]]:
    """Both contents as files on tmpfs, readable by root alone, where the vantage's programs run."""
    if vantage.session is None:
        with secret_files({"login": login, "body": body}) as directory:
            yield str(directory / "login"), str(directory / "body")
        return
    session = vantage.session
    place = session.check(["mktemp", "-d", "/run/dure-proof-XXXXXXXX"], sudo=True).text
    try:
        for name, content in (("login", login), ("body", body)):
            session.check(["tee", f"{place}/{name}"], input=content or b"\n", sudo=True)
        yield f"{place}/login", f"{place}/body"
    finally:
        session.run(["rm", "-rf", "--", place], sudo=True)


def _role(scene: Scene, name: str) -> RolePlan:
    return next(role for role in scene.plan.host.roles if role.name == name)


def _variable(scene: Scene, role: str, name: str) -> JsonValue:
    return _role(scene, role).variables[name]


def _dicts(value: JsonValue) -> list[dict[str, JsonValue]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
