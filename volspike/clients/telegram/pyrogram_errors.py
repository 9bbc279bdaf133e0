"""What a refusal of Telegram means, in the kinds of errors that readers raise."""

from typing import Any

from volspike.clients.errors import Permanent, Transient
from volspike.clients.telegram.account import REMEDY
from volspike.clients.telegram.channels import ChannelGone, LoginLost


def meaning(error: Any, name: str) -> Transient | Permanent:
    """Return what an RPCError of Pyrogram means that was the answer to a question about the channel `name`.

    Leaves are compared, for their parents differ from release to release; what is not known may pass.
    """
    from pyrogram import errors

    told = error.ID or error.NAME
    if isinstance(error, errors.Flood):
        seconds = float(error.value) if isinstance(error.value, int) else None
        return Transient(f"@{name}: Telegram asks for a pause ({told})", seconds)
    if isinstance(error, (errors.Unauthorized, errors.AuthKeyDuplicated)):
        return LoginLost(f"Telegram has logged the account out ({told}): {REMEDY}")
    if isinstance(error, errors.ApiIdInvalid):
        return LoginLost(f"Telegram refuses TELEGRAM_API_ID and TELEGRAM_API_HASH ({told})")
    if isinstance(error, (errors.UsernameNotOccupied, errors.UsernameInvalid)):
        return ChannelGone(f"there is no @{name} ({told})")
    if isinstance(error, (errors.ChannelPrivate, errors.ChannelInvalid, errors.PeerIdInvalid)):
        return ChannelGone(f"@{name} is private or missing ({told})")
    return Transient(f"@{name}: Telegram refuses ({told})")
