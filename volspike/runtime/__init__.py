"""The life of a process: signals, readiness, progress, time, logs, metrics."""
