"""How the embedder is trained: all numbers of it in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the network is trained.

    Attributes:
        leaky: The layers that get one slope in place of a PRELU, counted from 0. The others keep
            theirs, which int8 has to spell out: cheap where pictures have become small, while
            one slope costs the more accuracy the later it comes.
        views: Views to learn from, besides one plain view of each face.
        stage_faces: Views on which each stage is first fitted to the source.
        stage_steps: Batches for each stage.
        stage_rate: Adam's highest rate there. Much higher than for the whole: a stage is a small
            problem, and every stage inherits what those before it left over.
        steps: Batches for the whole network.
        batch: Views in each.
        rate: AdamW's highest rate for the whole, in units of each channel's own size.
        spoilt: How often a door condition is laid over what the network is shown.
        relation: Weight of the scores between the views of a batch, against that of the
            templates themselves.
        memory: How much of the average of all weights is kept at each step; that average is
            what is shipped.
        seed: Of everything drawn by chance.
    """

    leaky: tuple[int, ...] = tuple(range(12))
    views: int = 16_000
    stage_faces: int = 2048
    stage_steps: int = 2000
    stage_rate: float = 2e-2
    steps: int = 900
    batch: int = 32
    rate: float = 5e-4
    spoilt: float = 0.35
    relation: float = 3.0
    memory: float = 0.995
    seed: int = 1
