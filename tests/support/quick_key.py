"""Repositories that open at once.

restic makes keys that take it half a second to open, as they should; tests open a repository a thousand times. The key
made here holds the same master key under the same password, with the cheapest scrypt there is. How a key is kept:
restic's design document, section "Keys, Encryption and MAC".
"""

import base64
import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from cryptography.hazmat.primitives.poly1305 import Poly1305

NONCE, MAC = 16, 16
"""Lengths in bytes, of what stands before and after the ciphertext."""
CHEAPEST = {"N": 2, "r": 1, "p": 1}
OF_128_MEBIBYTES = {"N": 1 << 17, "r": 8, "p": 1}
"""The parameters of scrypt: it takes 128 * N * r bytes of memory."""


def quicken(repository: Path, password: str, cost: Mapping[str, int] = CHEAPEST) -> None:
    """Give a local repository, which has one key, a quick one instead."""
    (slow,) = (repository / "keys").iterdir()
    name, quick = quick_key(slow.read_bytes(), password, cost)
    (slow.parent / name).write_bytes(quick)
    slow.unlink()


def quick_key(slow: bytes, password: str, cost: Mapping[str, int] = CHEAPEST) -> tuple[str, bytes]:
    """Return a quick key file in place of a slow one: its name and its content."""
    key = json.loads(slow)
    sealed = base64.b64decode(key["data"])
    salt, nonce = base64.b64decode(key["salt"]), os.urandom(NONCE)
    master = _keystream(_derived(key, salt, password), sealed[:NONCE], sealed[NONCE:-MAC])
    key |= cost
    quick = _derived(key, salt, password)
    ciphertext = _keystream(quick, nonce, master)
    key["data"] = base64.b64encode(nonce + ciphertext + _mac(quick, nonce, ciphertext)).decode()
    content = json.dumps(key).encode()
    return hashlib.sha256(content).hexdigest(), content


def _derived(key: dict[str, int], salt: bytes, password: str) -> bytes:
    """Return 64 bytes: a key for the cipher (32), then one for the MAC (16 and 16)."""
    return hashlib.scrypt(password.encode(), salt=salt, n=key["N"], r=key["r"], p=key["p"], maxmem=2**28, dklen=64)


def _keystream(key: bytes, nonce: bytes, data: bytes) -> bytes:
    cipher = Cipher(algorithms.AES(key[:32]), modes.CTR(nonce)).encryptor()
    return cipher.update(data) + cipher.finalize()


def _mac(key: bytes, nonce: bytes, ciphertext: bytes) -> bytes:
    """Poly1305-AES: the nonce is encrypted with the first half of the MAC's key, the second half is masked."""
    block = Cipher(algorithms.AES(key[32:48]), modes.ECB()).encryptor()  # noqa: S305  one block, as Poly1305-AES has it
    return Poly1305.generate_tag(key[48:64] + block.update(nonce) + block.finalize(), ciphertext)
