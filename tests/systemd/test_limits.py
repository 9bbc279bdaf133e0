"""The limits on a real server: the monitor sees the whole machine in spite of its confines."""

from tests.systemd.server import FEED, SETTINGS, Server


def test_the_monitor_sees_memory_cpus_disks_and_units_and_every_scrape_tells_them(server: Server) -> None:
    server.look()

    readings = server.path("/run/volspike-health/limits.json").read_text()
    scraped = server.run("curl", "--silent", "http://127.0.0.1:8888/metrics").out

    assert '"busy":' in readings
    for told in (
        "volspike_machine_memory_used_ratio",
        'volspike_machine_disk_used_ratio{daemon="health-monitor",directory="/var/lib/volspike"}',
        f'volspike_unit_active{{daemon="health-monitor",unit="{FEED}"}} 1.0',
        "volspike_binance_weight_ceiling",
    ):
        assert told in scraped
    counts_memory = server.show(FEED, "MemoryCurrent").isdigit()  # a host with cgroup v1 may not
    assert (f'volspike_unit_memory_bytes{{daemon="health-monitor",unit="{FEED}"}}' in scraped) == counts_memory
    assert ("volspike_suite_memory_bytes" in scraped) == counts_memory


def test_a_critical_limit_makes_the_suite_unhealthy_until_it_is_kept_again(server: Server) -> None:
    before = server.path(SETTINGS).read_text()
    server.write(SETTINGS, f"{before}DISK_WARNING=0.0001%\nDISK_CRITICAL=0.0001%\n", 0o640)

    exceeded = server.look()
    server.write(SETTINGS, before, 0o640)
    kept = server.look()

    assert "Disk of /var/lib/volspike is" in exceeded.out
    assert "less than 0% allowed" in exceeded.out
    assert "UNHEALTHY" in exceeded.out
    assert "Disk of" not in kept.out
