"""The YAML files of one directory of the workspace."""

from pathlib import Path

from dure.model.problem import Problem
from dure.model.text import absent

SUFFIX = ".yaml"


def yaml_files(root: Path, directory: str) -> tuple[list[Path], list[Problem]]:
    """Files by name, and what is wrong with other names; hidden ones are an editor's own. None when it is absent."""
    place = root / directory
    if absent(place):
        return [], []
    try:
        files = sorted(file for file in place.iterdir() if not file.name.startswith("."))
    except OSError as error:
        why = error.strerror or "the system refused"
        return [], [Problem(directory, 1, 1, f"the directory {directory} cannot be read", why, f"ls -ld {directory}")]
    problems = []
    for file in files:
        if file.suffix != SUFFIX and file.suffix.lower() in (SUFFIX, ".yml"):
            name = f"{directory}/{file.name}"
            why = f"files here are looked for by the name {directory}/ID.yaml"
            mend = f"git mv {name} {directory}/{file.stem}.yaml"
            problems.append(Problem(name, 1, 1, f"the file's name ends in {file.suffix}", why, mend))
    return [file for file in files if file.suffix == SUFFIX], problems
