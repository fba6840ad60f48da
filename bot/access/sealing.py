"""The vault of the house: which keys seal what the store holds, and how they are followed."""

from __future__ import annotations

import logging

from bot.config import Config, create_keys, read_keys
from bot.vault import KeyFile, Vault, new_key

log = logging.getLogger(__name__)


def keys_of(config: Config) -> tuple[str, ...]:
    """Return the keys that seal what the store holds; at the very first start one is made."""
    if config.keys:
        return config.keys
    key = new_key()
    create_keys(config.access.key_file, key)
    log.info(
        "made the key for tokens at rest: %s. Keep a copy of it apart from the store.", config.access.key_file
    )
    return (key,)


def vault_of(config: Config, keys: tuple[str, ...]) -> Vault:
    """Return a vault that follows the file with its keys, so that they can be changed while the bot runs."""
    file = config.access.key_file
    follow = KeyFile(file, lambda: read_keys(file, {}).keys)
    return Vault(keys, newest=follow if follow() == keys else None)
