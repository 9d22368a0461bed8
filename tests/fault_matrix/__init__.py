"""A whole unit in processes of its own that a test can break in every way it has a name for.

Lamp keeper, engine and supervisor are the real ones. Made up are only the rims: a camera that
shows what it is told to, pins that write down when they change, and switches, files in a folder,
that hang a stage, lie about the time or swap a file while they are there.
"""
