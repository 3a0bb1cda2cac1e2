"""Write each role's README.md from its specification: `python -m dure.configure.role_readme playbooks/roles`."""

import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import yaml


def readme(role: Path) -> str:
    """The README's text; pure but for reading the role's specification."""
    specification = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text(encoding="utf-8"))
    lines = [f"# Role `{role.name}`", "", "Made from meta/argument_specs.yml; change it there.", ""]
    for name, entry in specification["argument_specs"].items():
        if name != "main":
            lines += [f"## Entry point `{name}`", ""]
        lines += [_sentence(entry.get("short_description", "")), ""]
        for paragraph in _texts(entry.get("description")):
            lines += [paragraph, ""]
        options = entry.get("options") or {}
        if options:
            lines += ["| variable | type | default | meaning |", "|---|---|---|---|", *_rows(options, ""), ""]
    return "\n".join(lines).rstrip() + "\n"


def roles(directory: Path) -> list[Path]:
    """The roles below the directory that have a specification."""
    return sorted(found.parents[1] for found in directory.glob("*/meta/argument_specs.yml"))


def stale(directory: Path) -> list[Path]:
    """The READMEs that are not what the specifications say."""
    files = [(role / "README.md", readme(role)) for role in roles(directory)]
    return [file for file, text in files if not file.exists() or file.read_text(encoding="utf-8") != text]


def _rows(options: Mapping[str, Mapping[str, object]], prefix: str) -> Iterator[str]:
    for name, option in options.items():
        path = f"{prefix}{name}"
        kind = str(option.get("type", "str"))
        if option.get("elements"):
            kind = f"{kind} of {option['elements']}"
        if option.get("choices"):
            kind += ": " + ", ".join(f"`{choice}`" for choice in _list(option["choices"]))
        meaning = " ".join(_texts(option.get("description"))).replace("|", "\\|")
        yield f"| `{path}` | {kind} | {_default(option)} | {meaning} |"
        inner = option.get("options")
        if isinstance(inner, Mapping):
            yield from _rows(inner, f"{path}{'[]' if option.get('elements') else ''}.")


def _default(option: Mapping[str, object]) -> str:
    if option.get("required"):
        return "required"
    if "default" not in option:
        return ""
    value = option["default"]
    if isinstance(value, list):
        return ", ".join(f"`{item}`" for item in value) or "none"
    return f"`{str(value).lower() if isinstance(value, bool) else value}`" if value != "" else "empty"


def _texts(value: object) -> list[str]:
    return [" ".join(str(item).split()) for item in (_list(value) if isinstance(value, list) else [value]) if item]


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _sentence(text: str) -> str:
    return text if text.endswith(".") else f"{text}."


def main() -> int:
    """Write them all; prints those that changed."""
    directory = Path(sys.argv[1])
    for file in stale(directory):
        file.write_text(readme(file.parent), encoding="utf-8")
        sys.stdout.write(f"{file}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
