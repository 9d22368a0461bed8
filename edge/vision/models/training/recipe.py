"""How the embedder is trained: all numbers of it in one place."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Recipe:
    """How the network is trained.

    Attributes:
        steps: Batches.
        batch: Views in each.
        rate: AdamW's highest rate, in units of each channel's own size.
        relation: Weight of the scores between different views of a batch, against that of the
            templates themselves.
        memory: How much of the average of all weights is kept at each step; that average is
            what is shipped.
        seed: Of everything drawn by chance.
        stage_faces: Views on which each stage is first fitted to the source.
        stage_steps: Batches for each stage.
        stage_rate: Adam's highest rate there. Much higher than for the whole: a stage is a small
            problem, and every stage inherits what those before it left over.
    """

    steps: int = 6000
    batch: int = 32
    rate: float = 1.5e-3
    relation: float = 3.0
    memory: float = 0.998
    seed: int = 1
    stage_faces: int = 2048
    stage_steps: int = 2000
    stage_rate: float = 2e-2
