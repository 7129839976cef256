"""Passwords: hashed with argon2id (RFC 9106, the library's defaults), checked in the same time whether the post exists or not.

What makes a password good is its length (NIST SP 800-63B): no rules about signs and digits, no expiry.
"""

from __future__ import annotations

import threading
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import Argon2Error, InvalidHashError

from data.errors import InputError

LEAST, MOST = 10, 256
_HASHER = PasswordHasher()
_ROOM = threading.BoundedSemaphore(2)  # each takes 64 MB and a core for a moment


def hashed(password: str, *, name: str = "") -> str:
    """The hash to keep. Raises InputError for a password that is too short, too long or the post's own name."""
    if not LEAST <= len(password) <= MOST:
        raise InputError(f"a password has {LEAST} to {MOST} characters.", where="password", todo="Choose a longer one.")
    if password.casefold() == name.casefold() or len(set(password)) < 4:
        raise InputError("this password is too easy to guess.", where="password", todo="Choose another.")
    with _ROOM:
        return _HASHER.hash(password)


def matches(kept: str | None, password: str) -> bool:
    """Whether it is the password. Without a kept hash the same work is done, and the answer is no."""
    if len(password) > MOST:
        return False
    with _ROOM:
        try:
            return _HASHER.verify(kept or _nobodys(), password) and kept is not None
        except (Argon2Error, InvalidHashError):
            return False


@lru_cache(maxsize=1)
def _nobodys() -> str:
    return _HASHER.hash("nobody has this password")
