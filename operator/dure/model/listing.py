"""The YAML files of one directory of the workspace."""

from pathlib import Path

from dure.model.problem import Problem
from dure.model.text import absent, leads_out

SUFFIX = ".yaml"
NEAR = (SUFFIX, ".yml")


def yaml_files(root: Path, directory: str) -> tuple[list[Path], list[Problem]]:
    """Files by name, and what is wrong with other names; none when the directory is absent.

    Hidden ones are no mistake: editors put their locks and swap files there (`.#alpha.yaml`), and so do we.
    """
    place = root / directory
    if absent(place):
        return [], []
    outside = leads_out(directory, root, place)
    if outside is not None:
        return [], [outside]
    try:
        files = sorted(file for file in place.iterdir() if not file.name.startswith("."))
    except OSError as error:
        why = error.strerror or "the system refused"
        return [], [Problem(directory, 1, 1, f"the directory {directory} cannot be read", why, f"ls -ld {directory}")]
    problems = []
    for file in files:
        if file.suffix != SUFFIX and file.suffix.lower() in NEAR:
            problems.append(_misplaced(root, directory, file, f"the file's name ends in {file.suffix}"))
        elif file.suffix != SUFFIX and file.is_dir() and not file.is_symlink():
            deeper = (one for one in sorted(file.rglob("*")) if one.suffix.lower() in NEAR)
            what = "the file lies in a directory of its own"
            problems += [_misplaced(root, directory, one, what) for one in deeper if not one.name.startswith(".")]
    return [file for file in files if file.suffix == SUFFIX], problems


def _misplaced(root: Path, directory: str, file: Path, what: str) -> Problem:
    name = file.relative_to(root).as_posix()
    why = f"files here are looked for by the name {directory}/ID.yaml"
    return Problem(name, 1, 1, what, why, f"git mv {name} {directory}/{file.stem}.yaml")
