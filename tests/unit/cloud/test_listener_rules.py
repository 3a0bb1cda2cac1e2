"""The next free priority of a shared listener, however many tenants have a rule there."""

from typing import Any

from dure.cloud.sandbox.tables.balancer import _priorities


class Pages:
    """Rules in pages of fifty, as AWS gives them."""

    def call(self, service: str, operation: str, /, **asked: Any) -> dict[str, Any]:
        begin = int(asked.get("Marker", 0))
        numbers = ["default", *map(str, range(1, 120))][begin : begin + 50]
        more = {"NextMarker": str(begin + 50)} if begin + 50 < 120 else {}
        return {"Rules": [{"Priority": one} for one in numbers], **more}


def test_rules_beyond_the_first_page_are_counted() -> None:
    assert max(_priorities(Pages(), "arn:listener")) == 119  # type: ignore[arg-type]  # only `call` is asked
