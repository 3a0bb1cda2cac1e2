"""operator policy check and operator cost on a workspace, previewed by the real engine on the AWS double."""

import json
from pathlib import Path

from dure.model.local import LocalSettings

from tests.contract.bad_workspace import build
from tests.contract.command import operator


def test_a_workspace_s_site_is_judged_and_priced_without_touching_anything(
    tmp_path: Path, settings: LocalSettings
) -> None:
    root = build({}, tmp_path)
    (root / ".dure").mkdir()
    local = {"aws_endpoint": settings.aws_endpoint, "aws_credentials": str(settings.aws_credentials)}
    (root / ".dure" / "local.yaml").write_text(json.dumps(local), encoding="utf-8")
    judged = operator("policy", "check", "alpha/main", "-w", root)
    assert (judged.code, judged.stdout) == (0, "1 stack, no findings\n"), judged.stderr
    priced = json.loads(operator("cost", "--customer", "alpha", "-w", root, "--json").stdout)
    (stack,) = priced["stacks"]
    assert (stack["site"], stack["program"], stack["coverage"]) == ("alpha/main", "hybrid_site", "1.0000")
    assert priced["month_usd"]["before"] == "0"
    assert [one["name"] for one in stack["resources"] if one["lines"]] == ["vault"]
