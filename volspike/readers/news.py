"""The Telegram posts that the suite has read, from the embedded backend."""

from msgspec import Struct

from volspike.clients.backend.posts import ListedPost, Posts
from volspike.clients.errors import Permanent, Transient
from volspike.settings import Settings, is_embedded

KEPT = 200


class News(Struct, frozen=True):
    """The newest posts, newest first, and why there may be newer ones that cannot be read.

    `elsewhere` is the address of the backend that has them where it is not the embedded one, which alone lists them.
    """

    posts: tuple[ListedPost, ...] = ()
    problem: str = ""
    elsewhere: str = ""


class NewsReader:
    """Asks the embedded backend of a suite."""

    def __init__(self, settings: Settings) -> None:
        self._url = settings.backend_url
        self._key = settings.backend_key
        self._is_here = is_embedded(settings.backend_url, settings.backend_port)
        self._seen = News()

    def read(self) -> News:
        """Return the newest posts; those that were known already while the backend does not answer."""
        if not self._is_here:
            return News(elsewhere=self._url)
        try:
            with Posts(self._url, self._key) as posts:
                self._seen = News(tuple(posts.latest(KEPT)))
        except (Transient, Permanent) as error:
            return News(self._seen.posts, str(error))
        return self._seen
