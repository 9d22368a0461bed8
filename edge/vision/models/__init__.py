"""Network files, their cards, and the commands that build and measure them."""
