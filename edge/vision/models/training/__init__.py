"""Trains the embedder: from the pinned source network and a folder of faces to a float network."""
