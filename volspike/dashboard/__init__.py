"""The web page of the suite: what the daemons know, as people look at it.

How a page is made:

* `readers/<subject>.py` joins files and databases into values; it knows no page.
* `dashboard/views/<page>.py` turns these values into what is shown: pure functions, tested without a browser.
* `dashboard/pages/<page>.py` builds the elements: `add(place)` gives its builder the page's `@route(PAGE)`, and
  inside of it `async with frame(place, PAGE):` draws what all pages have in common.

Live values come from a Topic of the place: it reads at its pace for all open pages together, off the loop where that
takes time, and only while somebody looks. A page says `await place.market.follow(show)`: `show` is called at once with
the newest value, then with each that differs, until the page is closed. Elements are changed in `show`, never built
anew: a person may be in the midst of typing. A change that a person asks for goes through the page's own socket
(`on_click` and the like), never through a route.

There is no Tailwind here: it would be compiled in every browser. Classes are those of Quasar and of
`dashboard/static/volspike.css`. What a browser shall remember (theme, favourites) is in its localStorage.
Foreign text (symbols, posts, problems) is shown with `ui.label` or `ui.link`, never as HTML.
"""
