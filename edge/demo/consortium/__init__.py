"""The demonstration of a whole consortium: a hub, a broker and six doors on one machine."""
