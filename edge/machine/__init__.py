"""How the machine is that screens: warm, short of power, full, worn, or without its accelerator.

Thin readers, one for each thing, take what Linux tells in ``/sys``, so that the engine's sandbox
need not be opened for them. ``judging`` says what it means, ``governor`` how fast to screen;
both are pure. ``watch`` is the thread that looks, and replaces one frozen view by the next.
"""
