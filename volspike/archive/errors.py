"""What may be wrong with a backup."""


class BackupError(Exception):
    """A backup that cannot be made, is damaged, or does not fit; the message is for the operator."""
