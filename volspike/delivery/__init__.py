"""The outbox: what is to be delivered, kept until it is, and carried by one courier."""
