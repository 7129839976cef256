"""The commands for accounts, walls and keys: what `python app.py user …` and `wall …` have done, here or by the server."""

from __future__ import annotations

from typing import Any

from data.access import Access
from data.accounts import Account
from data.acting import acting
from data.errors import InputError
from data.grants import codes_of, role_texts
from data.progress import Progress
from data.store import Store
from data.tokens import Token

Arguments = dict[str, Any]


def user_add(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """name, roles ('operator@CODE'), password (null: through the identity provider only), label, unit, outside."""
    account = store.access.accounts.add(
        acting(),
        name=str(args["name"]),
        label=str(args.get("label") or ""),
        roles=list(args.get("roles") or []),
        password=args.get("password"),
        unit=args.get("unit"),
        outside=args.get("outside"),
    )
    return described(store, account)


def user_list(store: Store, _args: Arguments, _progress: Progress) -> list[dict[str, Any]]:
    """Every account, by name; never a password."""
    return [described(store, account) for account in store.access.accounts.all()]


def user_passwd(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """name, password."""
    accounts = store.access.accounts
    accounts.set_password(acting(), accounts.by_name(str(args["name"])), str(args["password"]))
    return described(store, accounts.by_name(str(args["name"])))


def user_disable(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """name, disabled (false opens it again)."""
    accounts = store.access.accounts
    accounts.set_disabled(acting(), accounts.by_name(str(args["name"])), bool(args.get("disabled", True)))
    return described(store, accounts.by_name(str(args["name"])))


def user_roles(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """name, roles, unit: what the account may from now on."""
    accounts = store.access.accounts
    accounts.set_roles(acting(), accounts.by_name(str(args["name"])), list(args.get("roles") or []), args.get("unit"))
    return described(store, accounts.by_name(str(args["name"])))


def user_token(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """name, label: a key a program acts with as this account. Its secret is said once."""
    access: Access = store.access
    token, secret = access.tokens.add_key(acting(), str(args["label"]), access.accounts.by_name(str(args["name"])))
    return {**token_described(store, token), "secret": secret}


def wall_add(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """label, place (its code): a wall's token. Its secret is said once."""
    token, secret = store.access.tokens.add_device(acting(), str(args["label"]), str(args["place"]))
    return {**token_described(store, token), "secret": secret}


def token_list(store: Store, _args: Arguments, _progress: Progress) -> list[dict[str, Any]]:
    """Walls and keys, the newest first."""
    return [token_described(store, token) for token in store.access.tokens.all()]


def token_revoke(store: Store, args: Arguments, _progress: Progress) -> dict[str, Any]:
    """token (its number)."""
    tokens = store.access.tokens
    token = tokens.get(int(args["token"]))
    if token.revoked_at is not None:
        raise InputError("this token is revoked already.", where=str(token.token_id))
    tokens.revoke(acting(), token)
    return token_described(store, tokens.get(token.token_id))


def described(store: Store, account: Account) -> dict[str, Any]:
    """An account as plain values."""
    return {
        "name": account.name,
        "label": account.label,
        "roles": role_texts(store, account.grants),
        "unit": account.unit_id,
        "signs_in": [way for way, has in (("password", account.has_password), ("provider", account.outside)) if has],
        "outside": account.outside,
        "disabled": account.disabled,
        "created_at": account.created_at.isoformat(),
    }


def token_described(store: Store, token: Token) -> dict[str, Any]:
    """A token as plain values, without its secret."""
    account = store.access.accounts.get(token.account_id or 0)
    return {
        "token": token.token_id,
        "kind": token.kind,
        "label": token.label,
        "account": account.name if account else None,
        "place": place_code(store, token),
        "made_at": token.made_at.isoformat(),
        "seen_at": token.seen_at.isoformat() if token.seen_at else None,
        "revoked_at": token.revoked_at.isoformat() if token.revoked_at else None,
    }


def place_code(store: Store, token: Token) -> str | None:
    """The code of a wall's place."""
    return None if token.place is None else codes_of(store, [token.place.place_id]).get(token.place.place_id)


USER_COMMANDS = {
    "user_add": user_add,
    "user_list": user_list,
    "user_passwd": user_passwd,
    "user_disable": user_disable,
    "user_roles": user_roles,
    "user_token": user_token,
    "wall_add": wall_add,
    "token_list": token_list,
    "token_revoke": token_revoke,
}
