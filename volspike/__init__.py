"""VolSpike: self-hosted market alerting for crypto futures that operators can trust."""

__version__ = "0.1.0"
