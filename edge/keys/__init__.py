"""Where the key comes from that opens everything of this unit: one file for each way."""
