"""A mail server in the test's own process: it keeps what it takes, or answers as the test tells it to.

with MailServer() as server:
    server.replies["RCPT"] = "550 5.1.1 No such user"
"""

import socketserver
from email import message_from_bytes, policy
from email.message import EmailMessage

from tests.serving import Serving

REPLIES = {
    "EHLO": "250-mail.example\r\n250 AUTH PLAIN LOGIN",
    "AUTH": "235 2.7.0 Accepted",
    "MAIL": "250 2.1.0 Ok",
    "RCPT": "250 2.1.5 Ok",
    "DATA": "250 2.0.0 Queued",
    "QUIT": "221 2.0.0 Bye",
}


class _Server(socketserver.ThreadingTCPServer):
    daemon_threads = True
    allow_reuse_address = True


class MailServer(Serving):
    """A mail server on a port of loopback; `replies` holds what it says to each command, to DATA after its end."""

    def __init__(self) -> None:
        self.replies = dict(REPLIES)
        self.mails: list[EmailMessage] = []
        owner = self

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.wfile.write(b"220 mail.example\r\n")
                while line := self.rfile.readline():
                    word = line.split()[0].decode().upper()
                    if word == "DATA":
                        self.wfile.write(b"354 Go on\r\n")
                        owner.keep(b"".join(iter(self.rfile.readline, b".\r\n")))
                    self.wfile.write(owner.replies.get(word, "250 Ok").encode() + b"\r\n")

        server = _Server(("127.0.0.1", 0), Handler)
        super().__init__(server)
        self.port = int(server.server_address[1])

    def keep(self, content: bytes) -> None:
        """Keep a mail, if it is taken."""
        if self.replies["DATA"].startswith("2"):
            self.mails.append(message_from_bytes(content, policy=policy.default))
