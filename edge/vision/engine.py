"""One image in, its faces out: found, aligned, judged and made into templates."""

from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

from edge.vision.align import CHIP, alignment, outside_black
from edge.vision.cover import Cover
from edge.vision.detect import Detections, Finder, Region, Run, together
from edge.vision.embed import Embedder
from edge.vision.face import Face, Flaw, Image, Quality
from edge.vision.mesh import mesh, rough_landmarks
from edge.vision.pyramid import Pyramid
from edge.vision.quality import judged, measured
from edge.vision.watch import Watch, checked, large_faces, wide_squares

_WEAK_MESH = 0.5
_DOUBTS = ((0.5, _WEAK_MESH), (0.7, 0.02), (1.01, 0.0))
"""Below each detector's score, the mesh's presence that is asked for: a mask takes the mesh's
certainty away, a leaf or a wheel has none to begin with."""
STAGES = ("detect", "mesh", "align", "quality", "embed")


@dataclass(frozen=True, slots=True)
class Networks:
    """The networks of an engine.

    Attributes:
        far: Finds faces that are small in their region.
        near: Finds faces that fill their region.
        mesh: Lays the face mesh.
        embedder: Makes templates.
        cover: Notices covered faces.
        accelerator: What runs them: ``edgetpu`` where any of them runs there, else ``cpu``.
        runtime: The library that runs them.
    """

    far: Finder
    near: Finder
    mesh: Run
    embedder: Embedder
    cover: Cover
    accelerator: str = "cpu"
    runtime: str = ""


class Engine:
    """Turns pixels into faces.

    Not thread-safe: the networks keep their tensors in place. Use one engine per thread.

    Attributes:
        model_id: Names the template network; never compare templates of different ones.
        dimension: Length of a template.
        timings: Seconds each stage of the last call took, by the names in ``STAGES``.
        accelerator: What runs the networks: ``cpu`` or ``edgetpu``.
        runtime: The library that runs them.
    """

    def __init__(self, networks: Networks, clock: Callable[[], float]) -> None:
        """Build an engine of loaded networks; ``clock`` gives seconds, for the timings."""
        self.model_id = networks.embedder.model_id
        self.dimension = networks.embedder.dimension
        self.accelerator, self.runtime = networks.accelerator, networks.runtime
        self.timings: dict[str, float] = dict.fromkeys(STAGES, 0.0)
        self._networks = networks
        self._clock = clock

    def faces(self, rgb: Image, *, embed: bool = True) -> list[Face]:
        """Find every face in one image.

        Args:
            rgb: uint8[H, W, 3], red first.
            embed: Whether to make templates.

        Returns:
            The faces, largest first.

        Raises:
            TypeError: ``rgb`` is not an array of bytes.
            ValueError: Its shape is not that of an image.
        """
        checked(rgb)
        near, far = large_faces(rgb), wide_squares(rgb)
        return self.faces_within(rgb, near=near, far=far, embed=embed)

    def watch(self) -> Watch:
        """Start watching a stream: what one frame showed guides the search in the next."""
        return Watch(self)

    def faces_within(
        self, rgb: Image, *, near: Sequence[Region], far: Sequence[Region], embed: bool
    ) -> list[Face]:
        """Find the faces in some regions of an image; ``Watch`` chooses the regions.

        Args:
            rgb: uint8[H, W, 3], checked.
            near: Regions searched for faces that fill much of them.
            far: Regions searched for small faces.
            embed: Whether to make templates.

        Returns:
            The faces, each once, largest first.
        """
        self.timings = dict.fromkeys(STAGES, 0.0)
        picture = Pyramid(rgb)
        with self._timed("detect"):
            found = [self._networks.near.find(picture, region) for region in near]
            found += [self._networks.far.find(picture, region) for region in far]
            detections = together(found)
        faces = (self._face(picture, detections, i, embed=embed) for i in range(len(detections)))
        return sorted(filter(None, faces), key=lambda face: -face.width)

    def _face(self, picture: Pyramid, found: Detections, index: int, *, embed: bool) -> Face | None:
        """Refine, judge and encode one detection; None where the mesh sees no face in it."""
        box, score = found.boxes[index], float(found.scores[index])
        with self._timed("mesh"):
            net = mesh(self._networks.mesh, picture, box, found.points[index])
        if net.presence < next(presence for below, presence in _DOUBTS if score < below):
            return None
        rough = net.presence < _WEAK_MESH
        landmarks = rough_landmarks(found.points[index]) if rough else net.landmarks
        x0, y0, x1, y1 = (float(side) for side in box)
        with self._timed("align"):
            matrix = alignment(landmarks)
            aligned = None if matrix is None else picture.cut(matrix, CHIP)
        quality, template = Quality(0.0, (Flaw.TURNED_AWAY,)), None
        if matrix is not None and aligned is not None:
            with self._timed("quality"):
                quality = judged(measured(aligned, net, x1 - x0, self._networks.cover))
            if embed:
                with self._timed("embed"):
                    inside = outside_black(aligned, matrix, picture.rgb)
                    template = self._networks.embedder.template(inside)
        return Face((x0, y0, x1, y1), landmarks, score, quality, template)

    @contextmanager
    def _timed(self, stage: str) -> Iterator[None]:
        """Add what the block takes to the stage's seconds."""
        start = self._clock()
        yield
        self.timings[stage] += self._clock() - start
