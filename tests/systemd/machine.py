"""A throw-away machine with a real systemd: a Debian or Ubuntu root, made once and cached, booted by systemd-nspawn.

What a machine writes goes into an overlay of its own. It has no network but its own loopback, so its ports collide
with nobody's; all it installs comes from a wheelhouse that is cached beside the root.
"""

import fcntl
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import NamedTuple, Self

REPOSITORY = Path(__file__).parents[2]
LOCK_FILE = REPOSITORY / "requirements.lock"
CIPHER_LOCK_FILE = REPOSITORY / "requirements-tgcrypto.lock"
PACKAGES = (
    "systemd", "systemd-sysv", "dbus", "python3", "python3-venv", "iproute2", "procps", "curl", "ca-certificates",
    "openssh-server", "openssh-client", "sudo",
)  # fmt: skip
TOOLS = ("mmdebstrap", "systemd-nspawn", "nsenter", "unshare", "setpriv")
BUILD_REQUIREMENTS = ("hatchling>=1.27", "setuptools", "wheel")
"""What builds a wheel inside, where there is no index: ours, and those that exist as source only."""
ABOUT_PYTHON = "import platform; print(platform.python_version(), *platform.libc_ver())"
SEARCH_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
BOOT_SECONDS = 180.0
REBOOT_SECONDS = 120.0
STOP_SECONDS = 20.0
COMMAND_SECONDS = 180.0
"""Of a command inside: one that waits for all daemons to be ready takes half a minute on a busy machine."""
POLL_SECONDS = 0.3
REBOOTED = 133
IN_NAMESPACE = ("unshare", "--mount", "sh", "-ec", 'mount -t tmpfs tmpfs /run; eval "$1"', "sh")
"""Mounts vanish with the process, however it ends; nspawn clears its own directories only in a /run in memory."""
CHECKOUT = Path("/srv/checkout")
WHEELS = Path("/srv/wheels")
DEPENDENCIES = Path("/srv/dependencies")


class CannotError(Exception):
    """This computer cannot make or boot such a machine; one line says why."""


class Done(NamedTuple):
    """A command that has ended inside a machine."""

    code: int
    out: str
    """Standard output and error, as they came."""


class Image(NamedTuple):
    """What machines are made from, all read-only."""

    root: Path
    wheels: Path
    dependencies: Path
    """The packages of the lock file, unpacked: what the simulator needs to run inside."""
    machines: Path
    """Where machines may write; tells by its file system whether they can overlay."""


# --- the image ----------------------------------------------------------------------------------------------------


def image() -> Image:
    """Return the cached image, made first if need be. Raises CannotError."""
    if os.geteuid() != 0:
        raise CannotError(f"uid {os.geteuid()} is not root")
    missing = [tool for tool in TOOLS if shutil.which(tool) is None]
    if missing:
        raise CannotError(f"{', '.join(missing)} not installed (apt install systemd-container mmdebstrap)")
    cache = Path(os.environ.get("VOLSPIKE_TEST_CACHE") or Path.home() / ".cache/volspike-tests")
    (cache / "machines").mkdir(parents=True, exist_ok=True)
    for forgotten in (cache / "machines").iterdir():
        if not Path("/proc", forgotten.name.rpartition("-")[2]).exists():
            shutil.rmtree(forgotten, ignore_errors=True)
    suite = platform.freedesktop_os_release().get("VERSION_CODENAME", "")
    root = _cached(cache, "root", f"{suite} {PACKAGES}", lambda path: _make_root(path, suite))
    interpreter = _run(
        "chroot", root, "python3", "-c", "import platform as p; print(p.python_version(), *p.libc_ver())"
    )
    key = f"{interpreter} {LOCK_FILE.read_text()} {CIPHER_LOCK_FILE.read_text()} {BUILD_REQUIREMENTS}"
    wheels = _cached(cache, "wheels", key, lambda path: _download(path, interpreter))
    dependencies = _cached(cache, "dependencies", key, lambda path: _unpack(path, root, wheels))
    return Image(root, wheels, dependencies, cache / "machines")


def _cached(cache: Path, name: str, key: str, make: Callable[[Path], None]) -> Path:
    """Return the directory for this key; `make` fills it once, whole or not at all, and its forerunners go."""
    directory = cache / f"{name}-{hashlib.sha256(key.encode()).hexdigest()[:12]}"
    with (cache / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not directory.exists():
            for old in cache.glob(f"{name}-*"):
                shutil.rmtree(old)
            unfinished = cache / f"{name}-unfinished"
            make(unfinished)
            unfinished.rename(directory)
    return directory


def _make_root(path: Path, suite: str) -> None:
    _run("mmdebstrap", "--quiet", "--variant=minbase", f"--include={','.join(PACKAGES)}", suite, path, timeout=600)
    for unit in ("ssh.service", "ssh.socket"):
        (path / "etc/systemd/system" / unit).symlink_to("/dev/null")


def _download(path: Path, interpreter: str) -> None:
    """Fetch what the lock file names, for the interpreter inside, with this computer's own pip and settings."""
    python, _, libc = interpreter.split()
    version = ".".join(python.split(".")[:2])
    machine = platform.machine()
    abis = (f"cp{version.replace('.', '')}", "abi3", "none")
    platforms = [f"manylinux_2_{minor}_{machine}" for minor in range(int(libc.split(".")[1]), 4, -1)]
    targets = [f"--platform={name}" for name in (*platforms, f"manylinux2014_{machine}", "any")]
    targets += [f"--abi={abi}" for abi in abis]
    pip = (sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", f"--dest={path}")
    _run(
        *pip, "--no-deps", "--require-hashes", f"--requirement={LOCK_FILE}",
        f"--python-version={version}", "--implementation=cp", *targets, timeout=300,
    )  # fmt: skip
    _run(
        *pip, "--only-binary=:all:", f"--python-version={version}", "--implementation=cp", *targets,
        *BUILD_REQUIREMENTS, timeout=300,
    )  # fmt: skip
    with suppress(CannotError):  # there is no wheel of it for every Python, and installations do without
        _run(
            *pip, "--only-binary=:all:", "--no-deps", "--require-hashes", f"--requirement={CIPHER_LOCK_FILE}",
            f"--python-version={version}", "--implementation=cp", *targets, timeout=300,
        )  # fmt: skip


def _unpack(path: Path, root: Path, wheels: Path) -> None:
    """Install the lock file into a directory, with the interpreter inside."""
    path.mkdir()
    install = (
        f"python3 -m venv /tmp/venv; /tmp/venv/bin/pip install --quiet --no-index --find-links={WHEELS} "
        f"--require-hashes --requirement=/srv/lock --target={DEPENDENCIES} --no-compile"
    )
    _run(
        *IN_NAMESPACE, f"exec systemd-nspawn --quiet --register=no --keep-unit --pipe --private-network "
        f"--volatile=overlay --directory={root} --bind-ro={wheels}:{WHEELS} --bind-ro={LOCK_FILE}:/srv/lock "
        f"--bind={path}:{DEPENDENCIES} sh -ec '{install}'",
        timeout=300,
    )  # fmt: skip


def _run(*command: str | Path, timeout: float = 60) -> str:
    """Return what a command prints. Raises CannotError with the last line it said when it fails."""
    name = Path(command[0]).name
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=timeout, check=False)
    except subprocess.TimeoutExpired:
        raise CannotError(f"{name} took longer than {timeout:.0f} s") from None
    if done.returncode:
        said = [line for line in (done.stdout + done.stderr).splitlines() if line.strip()]
        raise CannotError(f"{name} failed: {said[-1] if said else f'exit {done.returncode}'}")
    return done.stdout.strip()


# --- one machine --------------------------------------------------------------------------------------------------


class Machine:
    """One machine; a context manager that boots it and, whatever happens, ends it and removes what it wrote."""

    def __init__(self, source: Image, name: str, like: "Machine | None" = None) -> None:
        """Make a machine, empty or with everything on disk that `like` has at this moment."""
        self.image = source
        self.name = f"{name}-{os.getpid()}"
        self._home = source.machines / self.name
        shutil.rmtree(self._home, ignore_errors=True)
        for directory in ("written", "work", "root"):
            (self._home / directory).mkdir(parents=True)
        self._nspawn: subprocess.Popen[bytes] | None = None
        self._overlays = _can_overlay(source, self._home)
        if like is not None:
            with like.frozen():
                _run("cp", "-a", f"{like.written}/.", self.written)
        elif not self._overlays:
            _run("cp", "-a", f"{source.root}/.", self.written, timeout=120)

    def __enter__(self) -> Self:
        """Boot it. Raises CannotError with the log of the boot when that fails."""
        self.boot()
        return self

    def __exit__(self, *_: object) -> None:
        """End it and forget it."""
        self.stop()
        shutil.rmtree(self._home, ignore_errors=True)

    @property
    def written(self) -> Path:
        """Return where its changes are on this computer's disk."""
        return self._home / "written"

    @property
    def boot_log(self) -> str:
        """Return what its console has shown."""
        log = self._home / "boot.log"
        return log.read_text(errors="replace") if log.exists() else ""

    def boot(self) -> None:
        """Start it and wait until systemd says that all is up."""
        root, written, work = self._home / "root", self.written, self._home / "work"
        mount = (
            f"mount -t overlay overlay -o lowerdir={self.image.root},upperdir={written},workdir={work} {root}"
            if self._overlays
            else f"mount --bind {written} {root}"
        )
        nspawn = (
            f"exec systemd-nspawn --directory={root} --machine={self.name} --register=no --keep-unit --boot "
            f"--private-network --bind-ro={REPOSITORY}:{CHECKOUT} --bind-ro={self.image.wheels}:{WHEELS} "
            f"--bind-ro={self.image.dependencies}:{DEPENDENCIES}"
        )
        with (self._home / "boot.log").open("ab") as log:
            self._nspawn = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", *IN_NAMESPACE, f"{mount}; {nspawn}"],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip
        deadline = time.monotonic() + BOOT_SECONDS
        while (state := self._boot_state()) not in ("running", "degraded"):
            if self._nspawn.poll() is not None or time.monotonic() > deadline:
                log_text = self.boot_log
                self.stop()
                last = [line for line in log_text.splitlines() if line.strip()][-1:] or ["nothing on its console"]
                error = CannotError(f"a machine does not boot ({state or 'no systemd'}): {last[0]}")
                error.add_note(log_text)
                raise error
            time.sleep(POLL_SECONDS)

    def _boot_state(self) -> str:
        return self.run("systemctl", "is-system-running", check=False).out.strip() if self._leader() else ""

    def stop(self) -> None:
        """Switch it off, by force when it does not go by itself."""
        if self._nspawn is None:
            return
        leader = self._leader()
        self._nspawn.terminate()
        try:
            self._nspawn.wait(STOP_SECONDS)
        except subprocess.TimeoutExpired:
            if leader:
                os.kill(leader, 9)
            self._nspawn.kill()
            self._nspawn.wait()
        self._nspawn = None

    def reboot(self) -> None:
        """Restart it from the inside, as an operator would."""
        assert self._nspawn is not None
        self.run("systemctl", "reboot", check=False)
        code = self._nspawn.wait(REBOOT_SECONDS)
        assert code == REBOOTED, f"exit {code} instead of a reboot:\n{self.boot_log}"
        self.boot()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Let nothing inside run, so that no file is replaced or half written meanwhile."""
        self.run("sh", "-c", "kill -STOP -1")
        try:
            yield
        finally:
            self.run("sh", "-c", "kill -CONT -1")

    def _leader(self) -> int:
        """Return the pid, here, of its first process; 0 when there is none yet."""
        if self._nspawn is None:
            return 0
        children = Path(f"/proc/{self._nspawn.pid}/task/{self._nspawn.pid}/children")
        pids = children.read_text().split() if children.exists() else []
        return int(pids[0]) if pids else 0

    # --- inside -----------------------------------------------------------------------------------------------

    def run(
        self, *command: str, check: bool = True, timeout: float = COMMAND_SECONDS, env: dict[str, str] | None = None
    ) -> Done:
        """Run a command inside. With `check`, a failing one fails the test with all that it said."""
        done = subprocess.run(
            self._inside(*command, env=env), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
            text=True, timeout=timeout, check=False,
        )  # fmt: skip
        assert not check or done.returncode == 0, f"{' '.join(command)}: exit {done.returncode}\n{done.stdout}"
        return Done(done.returncode, done.stdout)

    def start(self, *command: str) -> subprocess.Popen[str]:
        """Begin a command inside, to be waited for or killed."""
        return subprocess.Popen(
            self._inside(*command),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def _inside(self, *command: str, env: dict[str, str] | None = None) -> list[str]:
        variables = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": "/root"} | (
            env or {}
        )
        return [
            "nsenter", f"--target={self._leader()}", "--all", "--wdns=/",
            "env", "-i", *(f"{name}={value}" for name, value in variables.items()), *command,
        ]  # fmt: skip

    def path(self, inside: str) -> Path:
        """Return where a file of the running machine is seen from here; symlinks inside it are not to be followed."""
        return Path(f"/proc/{self._leader()}/root{inside}")

    def write(self, inside: str, text: str, mode: int = 0o644) -> None:
        """Write a file inside."""
        path = self.path(inside)
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        path.chmod(mode)

    def show(self, unit: str, name: str) -> str:
        """Return a property of a unit."""
        return self.run("systemctl", "show", f"--property={name}", "--value", unit).out.strip()

    def journal(self, unit: str) -> str:
        """Return what a unit has logged."""
        return self.run("journalctl", "--no-pager", "--output=cat", f"--unit={unit}").out


def _can_overlay(source: Image, home: Path) -> bool:
    """Tell whether machines can overlay here; where not (this computer is itself on an overlay) they are copies."""
    options = f"lowerdir={source.root},upperdir={home / 'written'},workdir={home / 'work'}"
    command = ["unshare", "--mount", "mount", "-t", "overlay", "overlay", "-o", options, str(home / "root")]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


def eventually(condition: Callable[[], object], seconds: float, what: str) -> float:
    """Wait until a condition holds and return how long that took; the test fails, naming it, when it does not."""
    started = time.monotonic()
    while not condition():
        assert time.monotonic() - started < seconds, f"not within {seconds:.0f} s: {what}"
        time.sleep(POLL_SECONDS)
    return time.monotonic() - started
