"""Trains the embedder's float network: ``python -m edge.vision.models.training PHOTOS``.

PHOTOS is a folder of photographs of one person each; nothing of it but the weights is kept. The
published weights come from 3,600 photographs of FairFace (CC BY 4.0), less those of people who
may also be in a set that measures, and from the source network's answers to them. Seeds are
fixed: the same photographs give the same file on the same machine.
"""

from edge.errors import DoorwatchError

if __name__ == "__main__":
    try:
        from edge.vision.models.training.command import main

        main()
    except ModuleNotFoundError as error:
        raise SystemExit(
            f"doorwatch: training needs {error.name}: pip install 'doorwatch[models]'"
        ) from error
    except DoorwatchError as error:
        raise SystemExit(f"doorwatch: {error}") from error
