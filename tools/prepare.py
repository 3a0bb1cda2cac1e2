"""Set up everything that `make demo` and `make test` need, from the standard library alone.

    python3 tools/prepare.py demo     the machine must be fit for the lab
    python3 tools/prepare.py test     without root or namespaces the lab tests will be skipped, and it says so

Finds out first what is missing and tells it in one line; then installs the Python packages into .venv, Debian's
packages for the lab, and the Pulumi CLI (in the background of the rest). What is there already is not fetched again.
"""

import contextlib
import hashlib
import importlib
import os
import re
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / "bin" / "python"
LOCK = ROOT / "requirements-dev.lock"
STAMP = VENV / "installed.sha256"
PACKAGE_LISTS = (ROOT / "operator/dure/lab/packages.txt", ROOT / "tests/packages.txt")
LOG = ROOT / ".cache" / "prepare.log"
POLICY = Path("/usr/sbin/policy-rc.d")
OS_RELEASE = Path("/etc/os-release")
AWS_SERVICE = re.compile(r"\baws\.([a-z0-9]+)\.")
SELDOM_LOADED = "sympy|networkx|debugpy|ansible_test|pip|setuptools|mypyc?|pulumi_aws"
"""Packages that nothing here loads often: to compile them takes longer than it saves."""


class Unfit(Exception):
    """This machine lacks something that cannot be installed here; the text is the one line to print."""


def say(text: str) -> None:
    print(f"[{time.monotonic() - START:5.0f} s] {text}", flush=True)


def run(argv: list[str], *, what: str, mend: str, **variables: str) -> None:
    """Run a set-up program with its output in the log; Unfit when it fails."""
    LOG.parent.mkdir(exist_ok=True)
    with LOG.open("ab") as log:
        log.write(f"$ {' '.join(argv)}\n".encode())
        log.flush()
        finished = subprocess.run(
            argv, stdin=subprocess.DEVNULL, stdout=log, stderr=log, cwd=ROOT, env={**os.environ, **variables}
        )
    if finished.returncode:
        raise Unfit(f"{what} (exit {finished.returncode}, see {LOG.relative_to(ROOT)}): {mend}")


def missing_packages() -> list[str]:
    """Debian packages of the lists that are not installed."""
    wanted = [
        word
        for file in PACKAGE_LISTS
        if file.exists()
        for line in file.read_text().splitlines()
        for word in line.split("#")[0].split()
    ]
    query = ["dpkg-query", "-W", "-f", "${Package} ${db:Status-Abbrev}\n", *wanted]
    listed = subprocess.run(query, capture_output=True, text=True).stdout
    installed = {line.split()[0] for line in listed.splitlines() if line.split()[1:] == ["ii"]}
    return [name for name in wanted if name not in installed]


def other_system() -> str:
    """The name of the system where it is not Debian 12; empty where it is (os-release(5))."""
    if sys.platform != "linux":
        return sys.platform
    lines = OS_RELEASE.read_text(errors="replace").splitlines() if OS_RELEASE.exists() else []
    facts = dict(line.split("=", 1) for line in lines if "=" in line and not line.startswith("#"))
    known = {name: " ".join(shlex.split(value)) for name, value in facts.items()}
    if (known.get("ID"), known.get("VERSION_ID")) == ("debian", "12"):
        return ""
    return known.get("PRETTY_NAME") or f"{known.get('ID') or 'unknown'} {known.get('VERSION_ID') or ''}".strip()


def lab_obstacle() -> str:
    """Why this machine cannot run the lab; empty when it can."""
    if other := other_system():
        return f"the lab needs Debian 12 and this is {other}: use a Debian 12 machine or virtual machine"
    if os.geteuid() != 0:
        return "the lab needs root for namespaces and mounts: run it as root (sudo -i), in a virtual machine if need be"
    probe = subprocess.run(["unshare", "--mount", "--net", "--pid", "--fork", "true"], capture_output=True)
    if probe.returncode:
        return "this kernel or container refuses namespaces: use a virtual machine, or a container with full privileges"
    return ""


def require_programs(purpose: str) -> None:
    """Stop before anything is touched when this machine cannot do what is asked."""
    if sys.version_info < (3, 11):
        raise Unfit(f"Python 3.11 or newer is needed and this is {sys.version.split()[0]}: install python3.11")
    obstacle = lab_obstacle()
    if obstacle and purpose == "demo":
        raise Unfit(obstacle)
    if obstacle:
        say(f"lab tests will be skipped: {obstacle}")
    elif missing_packages() and not shutil.which("apt-get"):
        raise Unfit("apt-get is missing: the lab installs Debian packages")
    if obstacle := engine_obstacle():
        raise Unfit(obstacle)


def engine_obstacle() -> str:
    """Why no Pulumi CLI can be had here; empty when one that suits is ready, or Go can build it."""
    engine = product_module("dure.cloud.engine")
    try:
        engine.require_means()
    except product_module("dure.errors").DureError as error:
        return str(error.line())
    return ""


def pulumi_there() -> bool:
    """True when a Pulumi CLI that suits is on PATH or in the cache, so that nothing need be built."""
    try:
        product_module("dure.cloud.engine").find_pulumi()
    except product_module("dure.errors").DureError:
        return False
    return True


def product_module(name: str) -> ModuleType:
    """A module of the product that needs the standard library alone; nothing is written beside it."""
    sys.dont_write_bytecode = True
    if str(ROOT / "operator") not in sys.path:
        sys.path.insert(0, str(ROOT / "operator"))
    return importlib.import_module(name)


def python_packages_there() -> bool:
    """True when the virtual environment holds exactly the hashed lock, compiled."""
    return STAMP.exists() and STAMP.read_text() == lock_digest()


def lock_digest() -> str:
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def install_python_packages() -> None:
    """A virtual environment that holds exactly the hashed lock."""
    mend = "check that the package registry is reachable (pip config list), then run it again"
    say("Python packages: installing into .venv")
    fresh = not PYTHON.exists()
    if fresh:
        run([sys.executable, "-m", "venv", str(VENV)], what="no virtual environment", mend="install python3-venv")
    pip = [str(PYTHON), "-m", "pip", "--disable-pip-version-check", "install", "--quiet", "--require-hashes", "-r"]
    try:
        run([*pip, "requirements-setup.lock"], what="Python packages cannot be fetched", mend=mend)
    except Unfit:
        if fresh:  # nothing half done: without the registry there is no use for an empty environment
            shutil.rmtree(VENV)
        raise
    sync = [
        str(VENV / "bin" / "uv"),
        "pip",
        "install",
        "--quiet",
        "--require-hashes",
        "--python",
        str(PYTHON),
        "-r",
    ]
    try:
        run([*sync, LOCK.name], what="uv could not install", mend="pip will")
    except Unfit:
        say("Python packages: uv cannot reach the registry as pip is set up to; pip does it, more slowly")
        run([*pip, LOCK.name], what="Python packages cannot be fetched", mend=mend)
    site = next((VENV / "lib").glob("python3*")) / "site-packages"
    (site / "dure.pth").write_text(f"{ROOT / 'operator'}\n")
    launcher = VENV / "bin" / "operator"
    # Guarded: a program that starts other processes has this file read again in each of them.
    guarded = 'if __name__ == "__main__":\n    main()\n'
    launcher.write_text(f"#!{PYTHON}\nfrom dure.cli.main import main\n\n{guarded}")
    launcher.chmod(0o755)
    say("Python packages: ready")


def compile_python_packages() -> None:
    """Bytecode for what each command loads, made beside the other set-up.

    Python writes it by itself at the first use, but not where PYTHONDONTWRITEBYTECODE is set, as in many containers:
    there each process would compile all again.
    """
    site = next((VENV / "lib").glob("python3*")) / "site-packages"
    # Some packages carry files for other versions of Python or templates of code: those do not compile, and need not.
    compile_python("-x", rf"/(site-packages/({SELDOM_LOADED})|tests?)/", str(site))
    services = {found for file in (ROOT / "stacks").rglob("*.py") for found in AWS_SERVICE.findall(file.read_text())}
    there = [str(site / "pulumi_aws" / name) for name in sorted(services) if (site / "pulumi_aws" / name).is_dir()]
    if there:
        compile_python("-l", str(site / "pulumi_aws"))
        compile_python(*there)
    STAMP.write_text(lock_digest())


def compile_python(*what: str) -> None:
    """Files that are compiled already are only looked at."""
    with contextlib.suppress(Unfit):
        argv = [str(PYTHON), "-m", "compileall", "-q", "-j", "0", *what]
        run(argv, what="some files were not compiled", mend="they will be when they are loaded")


@contextlib.contextmanager
def no_services_started() -> Iterator[None]:
    """Packages bring daemons that the lab starts itself, with its own settings: apt must not start them."""
    if POLICY.exists():
        yield
        return
    POLICY.write_text("#!/bin/sh\nexit 101\n")
    POLICY.chmod(0o755)
    try:
        yield
    finally:
        POLICY.unlink()


def install_system_packages() -> None:
    """Debian's packages for the lab and the tests, when root may install them."""
    missing = missing_packages()
    if not missing or lab_obstacle():
        return
    say(f"Debian packages: installing {len(missing)} ({', '.join(missing[:4])} …)")
    mend = "check that Debian's package mirror is reachable (apt-get update), then run it again"
    options = ["-o", "DPkg::Lock::Timeout=300", "-o", "Acquire::Retries=3"]
    quiet = {"DEBIAN_FRONTEND": "noninteractive"}
    run(["apt-get", *options, "update"], what="no package lists", mend=mend, **quiet)
    with no_services_started():
        install = ["apt-get", *options, "install", "-y", "--no-install-recommends", *missing]
        run(install, what="Debian packages cannot be installed", mend=mend, **quiet)
    say("Debian packages: ready")


def prepare_pulumi(failures: list[Unfit]) -> None:
    """The Pulumi CLI, found or built; runs beside the other set-up because a build takes minutes."""
    argv = [str(PYTHON), "-m", "dure.cloud.engine"]
    try:
        run(argv, what="no Pulumi CLI", mend="install Pulumi 3.206 or newer on PATH, or Go 1.25 or newer")
        say("Pulumi CLI: ready")
    except Unfit as failure:
        failures.append(failure)


def prepare_base_image() -> None:
    """The lab's factory-fresh Debian, unpacked once."""
    argv = [str(PYTHON), "-m", "dure.lab.base"]
    run(argv, what="the lab's base image cannot be built", mend="check Debian's mirror, then run it again")


def main() -> int:
    purpose = sys.argv[1] if len(sys.argv) > 1 else "test"
    try:
        require_programs(purpose)
        beside = []
        if not python_packages_there():
            install_python_packages()
            beside.append(threading.Thread(target=compile_python_packages))
        failures: list[Unfit] = []
        if not pulumi_there():
            say("Pulumi CLI: not on this machine; building it from its Go module beside the rest (2 to 5 minutes)")
        beside.append(threading.Thread(target=prepare_pulumi, args=(failures,)))
        for thread in beside:
            thread.start()
        try:
            install_system_packages()
            if not lab_obstacle():
                prepare_base_image()
                say("Lab base image: ready")
        finally:
            for thread in beside:
                thread.join()
        if failures:
            raise failures[0]
        compile_python(str(ROOT / "operator"), str(ROOT / "stacks"))
    except Unfit as unfit:
        print(f"cannot go on: {unfit}", file=sys.stderr)
        return 2
    say("set-up: done")
    return 0


START = time.monotonic()

if __name__ == "__main__":
    sys.exit(main())
