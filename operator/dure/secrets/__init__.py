"""Values of secrets: encrypted singly with age in the workspace, and on tmpfs while a run needs them."""

from dure.secrets.files import secret_files
from dure.secrets.store import SecretStore

__all__ = ["SecretStore", "secret_files"]
