"""What the suite knows, joined into values for people and programs: from state files, outbox and backend."""
