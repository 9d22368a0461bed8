"""The demonstration of the hub's pages: a small town, its people, and a browser's address."""
