"""The commands for units' webhooks: what `python app.py webhook …` has done, here or by the server."""

from __future__ import annotations

from typing import Any

from data import webhooks
from data.acting import acting
from data.errors import InputError
from data.responsibilities import ids_by_code
from data.store import Store

Arguments = dict[str, Any]


def webhook_add(store: Store, args: Arguments, _progress: object) -> dict[str, Any]:
    """unit (its code), url. The secret is in the answer and shown never again."""
    units = ids_by_code(store, "unit")
    if args["unit"] not in units:
        raise InputError("there is no unit with this code.", where=str(args["unit"]))
    number, secret = webhooks.add_hook(store, acting(), units[args["unit"]], webhooks.check_url(args["url"]))
    return {"webhook": number, "secret": secret}


def webhook_list(store: Store, _args: Arguments, _progress: object) -> list[dict[str, Any]]:
    """The addresses told."""
    return webhooks.hooks(store)


def webhook_stop(store: Store, args: Arguments, _progress: object) -> dict[str, Any]:
    """webhook: its number."""
    webhooks.stop_hook(store, acting(), int(args["webhook"]))
    return {"webhook": int(args["webhook"])}


def webhook_dead(store: Store, _args: Arguments, _progress: object) -> list[dict[str, Any]]:
    """What was given up."""
    return webhooks.dead(store)


def webhook_retry(store: Store, args: Arguments, _progress: object) -> dict[str, Any]:
    """webhook: its number. What was given up is sent anew."""
    return {"sent_anew": webhooks.revive(store, acting(), int(args["webhook"]))}


WEBHOOK_COMMANDS = {
    "webhook_add": webhook_add,
    "webhook_list": webhook_list,
    "webhook_stop": webhook_stop,
    "webhook_dead": webhook_dead,
    "webhook_retry": webhook_retry,
}
