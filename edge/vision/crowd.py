"""How often strangers score alike with a reference, from statistics of many strangers. Pure.

Templates of strangers gather in a few places of the space they lie in, so a crowd is a mixture of
Gaussians: parts of different centre and weight that share one covariance ("tied"; Hastie,
Tibshirani and Friedman, The Elements of Statistical Learning, 2009, 6.8 and 12.7). The score of a
stranger of one part against a template is then a Gaussian number too, and how often it passes a
threshold follows without drawing anybody. What is known of the crowd is nobody's template: each
centre is a mean over many people.
"""

from dataclasses import dataclass
from math import erfc, sqrt

import numpy as np
from numpy.typing import NDArray

from edge.vision.face import FloatArray

Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class SyntheticCrowd:
    """Strangers, as a mixture of Gaussians of one covariance.

    Attributes:
        weights: float64[parts], the share of each part, 1 in all.
        centres: float64[parts, D], the mean template of each.
        covariance: float64[D, D], of the people of any part around its centre.
    """

    weights: Numbers
    centres: Numbers
    covariance: Numbers

    def rates(self, templates: FloatArray, threshold: float) -> Numbers:
        """Tell how often people of each part pass a threshold against one reference.

        The rates of its templates are added up, as if no two of them ever passed together: for
        two to four photographs of one person that is 4 % too much at a threshold of 0.73.

        Args:
            templates: float32[n, D], unit length, those of the reference.
            threshold: The score to pass.

        Returns:
            float64[parts].
        """
        known = templates.astype(np.float64)
        deviations = np.sqrt(np.maximum(np.sum(known @ self.covariance * known, axis=1), 1e-12))
        beyond = (threshold - self.centres @ known.T) / deviations
        passing = [[_beyond(each) for each in part] for part in beyond.tolist()]
        return np.asarray(np.minimum(1.0, np.sum(passing, axis=1)), np.float64)


def _beyond(deviations: float) -> float:
    """Give how often a Gaussian number lies so many deviations above its mean, or higher."""
    return 0.5 * erfc(deviations / sqrt(2))
