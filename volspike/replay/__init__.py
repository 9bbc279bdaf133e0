"""The alert rules over recorded files, so that people tune their alerts on history before they go live."""
