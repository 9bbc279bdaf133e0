"""Hosts of services, out of addresses that are secrets."""

import pytest

from volspike.rules.service_hosts import origin


@pytest.mark.parametrize(
    ("url", "host"),
    [
        ("slack://T1/B1/hush", "https://hooks.slack.com"),
        ("discord://1/hush", "https://discord.com"),
        ("ntfy://hush", "https://ntfy.sh"),
        ("ntfys://user:hush@ntfy.example.org/hush", "https://ntfy.example.org"),
        ("ntfy://127.0.0.1:8080/hush", "http://127.0.0.1:8080"),
        ("json://[::1]:8080/hush", "http://[::1]:8080"),
        ("jsons://hooks.example.org", "https://hooks.example.org"),
        ("json:///hush", ""),
        ("mailto://user:hush@example.org", ""),
        ("ntfy://ntfy.example.org:99999/hush", ""),
        ("gotify://gotify.example.org:hush/hush", ""),
        ("json://[::1/hush", ""),
    ],
)
def test_the_host_is_told_and_no_secret(url: str, host: str) -> None:
    assert origin(url) == host
