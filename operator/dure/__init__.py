"""Dure: infrastructure as code for MSPs that run small companies' IT."""

from pathlib import Path

VERSION = "0.1.0"


def toolkit_path() -> Path:
    """Directory that holds stacks/, playbooks/ and blueprints/: inside the wheel, else the checkout's root."""
    inside = Path(__file__).parent / "toolkit"
    return inside if inside.is_dir() else Path(__file__).parents[2]
