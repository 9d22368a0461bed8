"""The hub in a browser: routes and templates over the rules in ``sync.hub``; no rule lives here."""
