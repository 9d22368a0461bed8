"""What every page that people open in a browser shares: a door's and the hub's."""
