"""How a reader of channels fails."""

import pytest

from volspike.clients.errors import Permanent
from volspike.clients.telegram.channels import ChannelGone, LoginLost, ShapeChanged


@pytest.mark.parametrize("kind", [ChannelGone, ShapeChanged, LoginLost])
def test_what_asking_again_at_once_does_not_mend_is_permanent(kind: type[Permanent]) -> None:
    with pytest.raises(Permanent, match=r"^marketfeed: why$"):
        raise kind("marketfeed: why")
