"""Posts of Telegram channels: kept once each, brought up to date when they come again."""

from sqlite3 import Connection

from fastapi import APIRouter
from msgspec import Raw
from starlette.requests import Request
from starlette.responses import Response

from volspike import __version__
from volspike.backend.documentation import described
from volspike.backend.reception import (
    BAD_REQUEST,
    Decoder,
    Desk,
    answered,
    encode,
    instant,
    query,
)
from volspike.backend.schemas import Channel, Health, ListedPost, ListedPosts, PostQuery, Posts, PostsTaken

_posts = Decoder(Posts, BAD_REQUEST, "Invalid request")

_KEEP_CHANNEL = """
    INSERT INTO channels (id, username, title, category) VALUES (?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET username = excluded.username, title = excluded.title, category = excluded.category
"""
_KEEP_POST = """
    INSERT INTO posts (channel, id, at, taken_at, content) VALUES (?, ?, ?, ?, ?)
    ON CONFLICT DO UPDATE SET at = excluded.at, content = excluded.content
"""
_LIST = """
    SELECT at, channel, posts.id, content, username, title, category FROM posts JOIN channels ON channels.id = channel
    WHERE (:username IS NULL OR username = :username) AND (at, channel, posts.id) < (:at, :channel, :id)
    ORDER BY at DESC, channel DESC, posts.id DESC LIMIT :limit
"""
FIRST_PAGE = (2**62, 0, 0)


def router(desk: Desk) -> APIRouter:
    """Return the routes."""
    routes = APIRouter(prefix="/api/telegram", tags=["Telegram"])

    @routes.get("/health", **described("Tell that posts are taken", Health, key="nowhere"))
    async def health(_: Request) -> Response:
        return await desk.read(lambda _: answered(Health("ok", __version__)))

    @routes.post(
        "/ingest",
        **described("Take posts of a channel", PostsTaken, body=Posts, refusals={400: "Not posts of a channel."}),
    )
    async def take_posts(request: Request) -> Response:
        desk.admit(request)
        posts = _posts(await request.body())
        return await desk.once(request, lambda database: answered(insert(database, posts, desk.store.now())))

    @routes.get("/messages", **described("List the latest posts", ListedPosts, parameters=PostQuery))
    async def list_posts(request: Request) -> Response:
        desk.admit(request)
        wanted = query(request, PostQuery)
        return await desk.read(lambda database: answered(listed(database, wanted)))

    return routes


def insert(database: Connection, posts: Posts, now: int) -> PostsTaken:
    """Keep posts; one whose date is none is left out."""
    channel = posts.channel
    database.execute(_KEEP_CHANNEL, (channel.id, channel.username, channel.title, channel.category))
    inserted = duplicates = errors = 0
    for post in posts.messages:
        try:
            at = instant(post.date)
        except (ValueError, OverflowError):
            errors += 1
            continue
        known = database.execute("SELECT 1 FROM posts WHERE channel = ? AND id = ?", (channel.id, post.id)).fetchone()
        database.execute(_KEEP_POST, (channel.id, post.id, at, now, encode(post)))
        inserted, duplicates = (inserted, duplicates + 1) if known else (inserted + 1, duplicates)
    return PostsTaken(success=True, inserted=inserted, duplicates=duplicates, errors=errors)


def listed(database: Connection, wanted: PostQuery) -> ListedPosts:
    """Return a page of posts, newest first; those of one second are told apart by their channels and ids."""
    at, channel, post = map(int, wanted.before.split(":")) if wanted.before else FIRST_PAGE
    rows = database.execute(
        _LIST, {"username": wanted.channel, "at": at, "channel": channel, "id": post, "limit": wanted.limit + 1}
    ).fetchall()
    page = rows[: wanted.limit]
    found = [ListedPost(Channel(channel, *names), Raw(content)) for _, channel, _, content, *names in page]
    return ListedPosts(found, "{}:{}:{}".format(*page[-1][:3]) if len(rows) > wanted.limit else None)
