"""The pages of the manual: examples, exit codes and relatives of every command."""

from volspike.cli.manual import BESIDE, DATA, DONE_OR_NOT, PEOPLE, SEEN, WORK, Page

_STATES = ((0, "as it was wanted"), (1, "not so: systemd's reason is told"), (2, "no daemon of that name"))
_CONFIG = ((0, "done, or nothing to do"), (1, "the file cannot be changed"), (2, "wrong usage"), (78, "a bad setting"))
_LEDGER = ("tail", "outbox list", "outbox stats")

PAGES = {
    "up": Page(
        WORK,
        (
            ("up", "against live Binance"),
            ("up --simulate", "against a simulated one, with a chat"),
            ("up --simulate --fault silent", "which says nothing, to see the suite notice"),
        ),
        ((0, "ended by Ctrl-C"), (1, "a port, a directory or Binance is in the way"), (78, "a bad setting")),
        ("status", "simulate", "doctor"),
    ),
    "status": Page(
        SEEN,
        (("status", "the daemons, one table"), ("status --json", "for machines")),
        ((0, "all that are enabled are active"), (1, "one is not"), (3, "nothing runs here")),
        ("health", "logs", "restart"),
    ),
    "tail": Page(
        SEEN,
        (
            ("tail", "the last ten, then every one as it comes"),
            ("tail --once -n 100", "the last hundred"),
            ("tail --kind open-interest --symbol BTC", "only these"),
            ("tail --json", "for machines"),
        ),
        see_also=("outbox list", "alerts list"),
    ),
    "health": Page(
        SEEN,
        (("health", "the report, now"), ("health --json", "for machines")),
        ((0, "healthy"), (1, "unhealthy"), (3, "nothing runs here")),
        ("status", "doctor", "maintenance"),
    ),
    "doctor": Page(
        WORK,
        (
            ("doctor", "everything, each finding with what mends it"),
            ("doctor --quiet", "only what is not as it should be"),
            ("doctor --json", "for machines"),
        ),
        ((0, "nothing is bad; there may be something to look at"), (1, "something is bad")),
        ("health", "status", "config check"),
    ),
    "logs": Page(
        WORK,
        (
            ("logs", "the last lines of all daemons"),
            ("logs funding-ws -f", "those of one, as they come"),
            ("logs volspike courier --since '1 hour ago'", "of two, by unit or name"),
        ),
        ((0, "shown"), (1, "no journal here"), (2, "no daemon of that name")),
        ("status", "tail"),
    ),
    "start": Page(
        WORK,
        (("start", "the whole suite"), ("start courier backend", "two daemons")),
        _STATES,
        ("stop", "restart", "status"),
    ),
    "stop": Page(
        WORK,
        (("stop", "the whole suite"), ("stop liquid-universe", "a job, together with its timer")),
        _STATES,
        ("start", "maintenance", "emergency-stop"),
    ),
    "restart": Page(
        WORK,
        (("restart", "the whole suite"), ("restart binance-funding-ws", "one daemon, by its unit")),
        _STATES,
        ("config set", "logs", "status"),
    ),
    "maintenance": Page(
        WORK,
        (("maintenance 30m", "no repairs for half an hour"), ("maintenance off", "repair again")),
        see_also=("health", "stop"),
    ),
    "config get": Page(
        WORK,
        (("config get", "all settings"), ("config get VOLUME_MULTIPLE", "one")),
        ((0, "shown"), (2, "no setting of that name"), (78, "a bad setting")),
        ("config set", "config check"),
    ),
    "config set": Page(
        WORK,
        (
            ("config set VOLUME_MULTIPLE 4", "one value"),
            ("config set --restart VOLUME_MULTIPLE=4 MIN_QUOTE_VOL=5e6", "two, in force at once"),
            ("config set CHAT_ID=-1001234567890 TELEGRAM_TOKEN", "a secret: it is asked for"),
            ("config set VOLSPIKE_API_KEY", "the same; < FILE takes it from there"),
        ),
        _CONFIG,
        ("config get", "config check", "restart"),
    ),
    "config unset": Page(
        WORK,
        (("config unset VOLUME_MULTIPLE MIN_QUOTE_VOL", "back to their defaults"),),
        _CONFIG,
        ("config get", "restart"),
    ),
    "config check": Page(
        WORK,
        (("config check", "the settings in force"), ("config check --file new.env", "a file, before it matters")),
        ((0, "good, perhaps with warnings"), (2, "no such file"), (78, "a bad setting")),
        ("config get", "doctor"),
    ),
    "run": Page(
        WORK,
        (
            ("run funding-ws", "as its unit does"),
            ("run volume-alerts --once", "one scan, then exit"),
            ("run liquid-universe --force", "take over a list that looks incomplete"),
        ),
        (
            (0, "stopped in order"),
            (1, "something is in its way; for health-monitor: an unhealthy suite"),
            (70, "an error that nobody foresaw, with a traceback"),
            (73, "its directories cannot be written"),
            (78, "a bad setting; systemd does not start it again"),
        ),
        ("up", "start"),
    ),
    "compare": Page(
        SEEN,
        (("compare", "the stream against REST, symbol by symbol"), ("compare --json", "for machines")),
        ((0, "all agree"), (1, "some differ"), (2, "it cannot be told")),
        ("health",),
    ),
    "mute": Page(
        PEOPLE,
        (("mute BTCUSDT 4h", "people hear nothing of it for four hours"), ("mute --list", "what is muted")),
        see_also=("unmute", "outbox list"),
    ),
    "unmute": Page(PEOPLE, (("unmute BTCUSDT", "people hear of it again"),), see_also=("mute",)),
    "alerts add": Page(
        PEOPLE,
        (
            ("alerts add BTCUSDT price 65000", "a price, in USDT"),
            ("alerts add eth funding -0.01%", "a funding rate; or -0.0001"),
            ("alerts add SOLUSDT oi 1.5e9", "open interest, in USD"),
        ),
        see_also=("alerts list", "tail"),
    ),
    "alerts list": Page(
        PEOPLE,
        (("alerts list", "all of them"), ("alerts list --json", "for machines")),
        see_also=("alerts add",),
    ),
    "alerts rearm": Page(PEOPLE, (("alerts rearm ID", "one that has fired"),), see_also=("alerts list",)),
    "alerts remove": Page(
        PEOPLE, (("alerts remove ID", "one that is not wanted any more"),), see_also=("alerts list",)
    ),
    "outbox list": Page(
        PEOPLE,
        (
            ("outbox list", "the newest fifty"),
            ("outbox list --state refused --destination backend", "what a backend does not take"),
        ),
        see_also=("outbox show", "outbox stats", "tail"),
    ),
    "outbox show": Page(PEOPLE, (("outbox show 17", "one, and what was answered"),), see_also=("outbox list",)),
    "outbox retry": Page(
        PEOPLE,
        (("outbox retry 17 18", "these two"), ("outbox retry --refused --expired", "all that could not go")),
        see_also=_LEDGER,
    ),
    "outbox drop": Page(PEOPLE, (("outbox drop 17", "it is not wanted; retry takes it back"),), see_also=_LEDGER),
    "outbox stats": Page(
        PEOPLE,
        (("outbox stats", "for each destination what waits, and why"), ("outbox stats --json", "for machines")),
        see_also=("outbox list", "outbox resume"),
    ),
    "outbox resume": Page(
        PEOPLE,
        (("outbox resume backend", "a paused destination is right again"),),
        see_also=("outbox stats", "config set"),
    ),
    "backup": Page(
        DATA,
        (
            ("backup", "beside the state directory, as each night"),
            ("backup --to /mnt/elsewhere", "into another directory"),
            ("backup --list", "what there is"),
        ),
        see_also=("restore",),
    ),
    "restore": Page(
        DATA,
        (
            ("restore latest --stop", "the newest, with the suite stopped for it"),
            ("restore /mnt/elsewhere/volspike.tar.gz", "a file, while nothing runs"),
            ("restore latest --check", "only see whether it could be restored; the suite may run"),
            ("restore --finish", "go on where it was interrupted"),
        ),
        ((0, "restored, or could be"), (1, "nothing was restored"), (2, "wrong usage")),
        ("backup", "stop"),
    ),
    "emergency-stop": Page(
        DATA,
        (
            ("emergency-stop --reason 'wrong prices'", "nothing is polled or sent any more"),
            ("emergency-stop --resume", "everything goes on"),
        ),
        ((0, "everything rests, or works again"), (1, "a daemon does not obey")),
        ("stop", "mute", "maintenance"),
    ),
    "telegram-login": Page(
        DATA,
        (("telegram-login", "once, to read channels by an account"),),
        (*DONE_OR_NOT, (78, "a bad setting")),
        ("config set",),
    ),
    "replay": Page(
        BESIDE,
        (
            ("replay --klines tests/data/klines_1h_sample.csv --multiple 4", "another threshold for volume"),
            ("replay --open-interest oi.csv --threshold-5min 0.02 --json", "one for open interest"),
        ),
        see_also=("config set",),
    ),
    "simulate": Page(
        BESIDE,
        (
            ("simulate --port 8890", "a Binance and a Telegram on loopback"),
            ("simulate --fault ban:seconds=60", "which refuses at first"),
        ),
        ((0, "ended by Ctrl-C"), (1, "the port is taken"), (2, "wrong usage")),
        ("up",),
    ),
    "mcp": Page(
        BESIDE,
        (
            ("mcp", "for an assistant that starts it, over standard input and output"),
            ("mcp --http --port 8600", "for programs of this machine, at http://127.0.0.1:8600/mcp"),
        ),
        see_also=("status",),
    ),
    "completion": Page(
        BESIDE,
        (
            ("completion bash", "the script; `source <(volspike completion bash)` uses it at once"),
            ("completion zsh", "for ~/.zshrc, likewise"),
            ("completion fish", "for ~/.config/fish/completions/volspike.fish"),
        ),
        ((0, "written"), (2, "another shell")),
    ),
}
