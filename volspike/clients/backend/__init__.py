"""The backend that takes the alerts and keeps what users have asked to be told of."""
