"""A Binance on loopback, replaying recorded data, with faults on demand."""
