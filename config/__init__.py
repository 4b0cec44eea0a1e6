"""Project configuration: settings, addresses and the WSGI and ASGI entries."""
