"""News: the posts of the Telegram channels that the suite reads."""

from itertools import islice

from nicegui import ui

from volspike.dashboard.frame import frame, route
from volspike.dashboard.navigation import NEWS
from volspike.dashboard.pages.table import tell
from volspike.dashboard.place import Place
from volspike.dashboard.views import news as view
from volspike.dashboard.views.health import Tone, Words
from volspike.dashboard.views.news import Shown
from volspike.dashboard.views.words import age
from volspike.readers.news import News, NewsReader
from volspike.runtime.clock import Clock

LOOK_SECONDS = 5.0


def add(place: Place) -> None:
    """Add the page."""
    news = place.topic(NewsReader(place.settings).read, LOOK_SECONDS)

    @route(NEWS)
    async def page() -> None:
        async with frame(place, NEWS):
            posts = _Posts(place.clock)
            await news.follow(posts.show)
            ui.timer(place.clock.real_seconds(LOOK_SECONDS), posts.tell_ages, immediate=False)


class _Posts:
    """The newest posts of one open page, newest first."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._cards: dict[str, tuple[Shown, _Card]] = {}
        self._said = ui.label().classes("vs-problem")
        self._place = ui.element("div").classes("vs-posts")

    def show(self, news: News) -> None:
        """Show the posts: one that is known stays where it is, and one that has changed is built anew."""
        tell(self._said, _said(news))
        wanted = {shown.key: shown for shown in map(view.shown, islice(news.posts, view.MOST_POSTS))}
        for key in [key for key, (shown, _) in self._cards.items() if wanted.get(key) != shown]:
            self._cards.pop(key)[1].delete()
        for index, (key, shown) in enumerate(wanted.items()):
            if key not in self._cards:
                with self._place:
                    card = _Card(shown)
                card.move(target_index=index)
                self._cards[key] = shown, card
        self.tell_ages()

    def tell_ages(self) -> None:
        """Tell how old each post is by now."""
        now = self._clock.now()
        for shown, card in self._cards.values():
            tell(card.age, f"{age(now - shown.at)} ago")


class _Card(ui.element):
    """One post: its text is shown as text, and what it links to opens apart from this page."""

    def __init__(self, shown: Shown) -> None:
        super().__init__("article")
        self.classes("vs-card vs-post")
        with self:
            with ui.element("div").classes("vs-post-head"):
                ui.label(shown.channel).classes("vs-channel")
                self.age = ui.label().classes("vs-quiet").tooltip(shown.stamp)
                for words in filter(None, (shown.by, shown.media, shown.seen)):
                    ui.label(words).classes("vs-quiet")
            if shown.text:
                ui.label(shown.text).classes("vs-post-text")
            with ui.element("div").classes("vs-post-foot"):
                for link in shown.links:
                    ui.link(link.title, link.address, new_tab=True).props('rel="noopener noreferrer"')


def _said(news: News) -> Words:
    if news.problem:
        return Words(news.problem, Tone.BAD)
    if news.elsewhere:
        return Words(f"The posts are kept by the backend at {news.elsewhere}; this page is for the embedded backend's.")
    return Words("" if news.posts else "No posts yet")
