"""The comment on a pull request: summary first, within the host's limit, whatever a fleet does."""

from dure.runs.stacks.markdown import LIMIT, MARKER, markdown
from dure.runs.stacks.result import Fault, StackPreview
from hypothesis import given
from hypothesis import strategies as st

from tests.unit.runs.stacks.values import change, preview, stack_plan


def test_the_summary_comes_first_then_what_needs_eyes() -> None:
    calm = [preview(f"calm/s{number}") for number in range(3)]
    lost = StackPreview(plan=stack_plan("lost/one"), identity="", preview=None, fault=Fault(what="no", why="a | b"))
    pending = preview("wait/one", provisional="landing-zone is not applied")
    text = markdown([*calm, preview("busy/one", change("vault", tags=("a", "b"))), lost, pending])
    lines = text.splitlines()
    assert lines[0] == MARKER
    assert lines[3] == "**6 stacks**: 1 would change, 1 failed, 1 provisional, 3 as they are. In all 1 to update."
    assert "| lost/one |  |  |  |  | no, because a \\| b |" in lines
    assert "| busy/one |  | 1 |  |  |  |" in lines
    assert "| wait/one |  |  |  |  | provisional: landing-zone is not applied |" in lines
    assert "      tags: a -> b" in lines
    assert "calm/" not in text


def test_what_is_deleted_comes_before_what_is_only_updated() -> None:
    text = markdown([preview("a/soft", change("x")), preview("b/hard", change("y", "delete"))])
    assert text.index("| b/hard |") < text.index("| a/soft |")


def test_nothing_to_see_is_two_lines() -> None:
    text = markdown([preview("a/s"), preview("b/s")])
    assert text == f"{MARKER}\n## Stacks: what would change\n\n**2 stacks**: 2 as they are.\n"


def test_500_stacks_that_all_change_stay_within_the_limit_and_are_all_counted() -> None:
    many = [
        preview(
            f"customer-{number:03}/a-rather-long-name-of-a-site",
            *(change(f"r{i}", tags=("x" * 90, "y" * 90)) for i in range(20)),
        )
        for number in range(500)
    ]
    text = markdown(many)
    assert len(text) <= LIMIT
    assert "**500 stacks**: 500 would change. In all 10000 to update." in text
    assert all(f"| customer-{number:03}/" in text for number in range(500))
    assert "The details of the other stacks are in the job's log" in text


@given(st.lists(st.text(max_size=3000), max_size=40), st.integers(0, 60))
def test_no_value_breaks_the_limit_or_out_of_its_block(values: list[str], times: int) -> None:
    many = [preview(f"c/s{number}", *(change("r", p=("", value)) for value in values)) for number in range(times)]
    text = markdown(many)
    assert len(text) <= LIMIT
    assert text.count("\n````") == 2 * text.count("<details>")
