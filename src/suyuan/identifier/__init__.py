"""Names of things: GS1 keys, Digital Links, EPC URNs, plant keys. 标识"""

from suyuan.identifier._canonical import canonical_uri, epc_urn

__all__ = ["canonical_uri", "epc_urn"]
