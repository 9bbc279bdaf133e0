"""The machine that the suite runs on, and the suite's own API, as the health monitor sees them."""
