"""What a photo shows, found out in a process of its own that a hostile photo may take down with it.

Owns the asking and the answering of that process; knows nothing of entries and pages.
"""

from sync.hub.examining.examiner import Examiner
from sync.hub.examining.findings import Examined, FoundFace

__all__ = ["Examined", "Examiner", "FoundFace"]
