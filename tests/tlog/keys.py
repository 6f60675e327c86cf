"""A log's key that is the same in every run, and one of somebody else."""

from suyuan.tlog import SigningKey, generate_key

ORIGIN = "plant.example/log"


def fixed_key(name: str = ORIGIN, *, first_byte: int = 0) -> SigningKey:
    return generate_key(
        name, random_bytes=lambda count: bytes(range(first_byte, first_byte + count))
    )


KEY = fixed_key()
OTHER_KEY = fixed_key("other.example/log", first_byte=100)
