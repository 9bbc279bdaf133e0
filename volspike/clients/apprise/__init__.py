"""Services for people by way of Apprise, which knows how to write to some two hundred of them."""
