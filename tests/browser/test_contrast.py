"""Every text can be read, in the dark and in the light: by the contrast that WCAG 2.2 wants at level AA."""

import pytest

from tests.browser.window import Window

UNREADABLE = """
const parts = (colour) => (colour.match(/[\\d.]+/g) ?? [0, 0, 0, 0]).map(Number);
const over = ([r, g, b, a = 1], below) => [r, g, b].map((part, i) => part * a + below[i] * (1 - a));
const ground = (element) => {
  if (!element) return [255, 255, 255];
  const own = parts(getComputedStyle(element).backgroundColor);
  return own[3] === 0 ? ground(element.parentElement) : over(own, ground(element.parentElement));
};
const luminance = (colour) => {
  const linear = (share) => (share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4);
  const [r, g, b] = colour.map((part) => linear(part / 255));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const contrast = (element) => {
  const below = ground(element);
  const [low, high] = [over(parts(getComputedStyle(element).color), below), below].map(luminance).sort((a, b) => a - b);
  return (high + 0.05) / (low + 0.05);
};
const says = (element) => [...element.childNodes].some((node) => node.nodeType === Node.TEXT_NODE && node.data.trim());
return [...document.querySelectorAll("body *")]
  .filter((element) => says(element) && element.checkVisibility() && !element.closest(".q-icon, #popup, style, script"))
  .filter((element) => contrast(element) < 4.5)
  .map((element) => `${element.className} ${element.innerText}: ${contrast(element).toFixed(2)}`);
"""


@pytest.mark.parametrize("path", ["/?favourites=only", "/my-alerts"])
def test_every_text_stands_out_from_what_is_behind_it(window: Window, path: str) -> None:
    window.open(path)

    for theme in ("dark", "light"):
        window.script("Quasar.Dark.set(arguments[0])", theme == "dark")
        window.until(lambda: window.script(UNREADABLE) == [], f"nothing unreadable in the {theme} theme")
