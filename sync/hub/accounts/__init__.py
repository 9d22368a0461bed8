"""The people who work at the hub in a browser: who they are, and how they prove it."""
