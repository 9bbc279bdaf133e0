"""Binance USDⓈ-M Futures: wire, stream, REST and the machine-wide weight account."""
