"""Every relative link and every `path` in the Markdown pages leads to a file that exists, anchors included."""

import re
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
LINK = re.compile(r"\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^```.*?^```", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+\s+(.*)$", re.MULTILINE)


def anchor(heading: str) -> str:
    """The id that the usual Markdown renderers give a heading."""
    kept = re.sub(r"[^\w\- ]", "", heading.strip().lower())
    return kept.replace(" ", "-")


def dead_links(page: Path) -> list[str]:
    """One line `file:line: what` for each link that leads nowhere."""
    text = page.read_text(encoding="utf-8")
    plain = FENCE.sub(lambda block: "\n" * block.group().count("\n"), text)
    found = []
    for match in LINK.finditer(plain):
        target, _, fragment = match.group(1).partition("#")
        line = plain.count("\n", 0, match.start()) + 1
        if re.match(r"[a-z]+:", target):
            continue
        file = (page.parent / target).resolve() if target else page
        if not file.exists():
            found.append(f"{page.relative_to(ROOT)}:{line}: no such file: {target}")
        elif fragment and file.suffix == ".md":
            headings = {anchor(heading) for heading in HEADING.findall(file.read_text(encoding="utf-8"))}
            if fragment not in headings:
                found.append(f"{page.relative_to(ROOT)}:{line}: no such heading: {match.group(1)}")
    return found


def main() -> int:
    listed = subprocess.run(["git", "ls-files", "*.md"], cwd=ROOT, capture_output=True, text=True, check=True)
    found = [line for name in listed.stdout.split() for line in dead_links(ROOT / name)]
    print("\n".join(found) or f"links: {len(listed.stdout.split())} pages, none dead")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
