"""Accounts: who may come in. For now the API keys of a tenant. 账号"""

from suyuan.account._api_key import (
    ApiKey,
    Caller,
    KeyHolders,
    count_api_keys,
    find_api_key,
    list_api_keys,
    make_api_key,
    revoke_api_key,
)

__all__ = [
    "ApiKey",
    "Caller",
    "KeyHolders",
    "count_api_keys",
    "find_api_key",
    "list_api_keys",
    "make_api_key",
    "revoke_api_key",
]
