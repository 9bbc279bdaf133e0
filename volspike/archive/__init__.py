"""Backups of the state directory: made while everything runs, verified, and taken back whole or not at all."""
