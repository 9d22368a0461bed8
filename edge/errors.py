"""The errors of the unit, in one small family.

Each message is one line that says whose fault it is and what to do next; foreign exceptions
are turned into these at the adapter that met them. The command line prints the message and
ends with ``exit_status``.
"""


class DoorwatchError(Exception):
    """Anything the unit refuses or cannot do; the message is fit for an operator."""

    exit_status = 1


class ConfigError(DoorwatchError):
    """The configuration file is wrong."""

    exit_status = 2


class PhotoError(DoorwatchError):
    """A photo that cannot be used: not an image, too large, truncated."""


class EnrolmentError(DoorwatchError):
    """Photos that make no reference: no face, several faces, poor quality."""


class NotConfirmedError(DoorwatchError):
    """A step that a person has to confirm, and did not."""

    exit_status = 3


class ModelError(DoorwatchError):
    """A network file that is missing or is not the one on its card."""


class GalleryError(DoorwatchError):
    """The gallery cannot be opened, read or written."""


class GalleryLockedError(GalleryError):
    """The consortium had this unit's key and list destroyed; only joining again helps."""


class KeyProviderError(GalleryError):
    """The key that opens the gallery is missing, malformed or not the right one."""


class KeyAwaitedError(KeyProviderError):
    """The key that opens the gallery needs a second share, which is not here yet."""


class ConsortiumError(DoorwatchError):
    """This unit is no member of a consortium, or not as what was asked needs it."""


class SourceError(DoorwatchError):
    """The camera, stream or file cannot be opened, or went away."""


class IndicatorError(DoorwatchError):
    """The pins of lamps, buzzer and buttons cannot be had, or the lamp keeper's socket."""


class LinkError(DoorwatchError):
    """The engine cannot be reached over its socket, or answered what it should not."""
