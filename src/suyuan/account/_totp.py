"""One-time codes of a phone, as a second factor. 动态验证码

Source: RFC 6238 (time steps of 30 s) over RFC 4226 (HOTP), SHA-1 and six digits, which is what
every authenticator app takes.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from urllib.parse import quote

__all__ = ["make_totp_secret", "totp_code", "totp_step", "totp_uri"]

_STEP_S = 30
_SECRET_BYTES = 20
_DRIFT_STEPS = 1  # A phone's clock may be this far off.


def make_totp_secret() -> bytes:
    """Make a secret for somebody's phone."""
    return secrets.token_bytes(_SECRET_BYTES)


def totp_uri(secret: bytes, *, name: str) -> str:
    """Give the address that an app takes a secret from, as a QR code."""
    text = base64.b32encode(secret).decode().rstrip("=")
    return f"otpauth://totp/Suyuan:{quote(name, safe='')}?secret={text}&issuer=Suyuan"


def totp_code(secret: bytes, step: int, *, digits: int = 6) -> str:
    """Give the code of one time step."""
    digest = hmac.new(secret, step.to_bytes(8), hashlib.sha1).digest()
    offset = digest[-1] & 15
    number = int.from_bytes(digest[offset : offset + 4]) & 0x7FFF_FFFF
    return str(number % 10**digits).zfill(digits)


def totp_step(secret: bytes, code: str, *, time_s: float, used: int = 0) -> int | None:
    """Give the step that a code belongs to, if it is of now and newer than the one `used`."""
    now = int(time_s) // _STEP_S
    code = code.replace(" ", "")
    for step in range(now - _DRIFT_STEPS, now + _DRIFT_STEPS + 1):
        is_right = hmac.compare_digest(totp_code(secret, step).encode(), code.encode())
        if is_right and step > used:
            return step
    return None
