#!/bin/sh
# Packs everything that a machine without internet is installed or upgraded from into one file:
#
#   make wheelhouse                            for 64-bit Pis and PCs, bookworm and trixie
#   make wheelhouse ARGS="aarch64 3.13"        for one kind of machine
#   DOORWATCH_SIGNING_KEY=key make wheelhouse  signed by an SSH key (ssh-keygen -t ed25519)
#
# On a new machine: tar xf FILE, then sudo ./doorwatch-*/install.sh unit. On one that is installed:
# sudo doorwatch upgrade FILE, which takes only bundles of those whom its /etc/doorwatch/allowed_signers
# names ("doorwatch ssh-ed25519 AAAA..."), and looks before anything of them is run (install.md).
set -eu
cd "$(dirname "$0")/.."
BIN=${BIN:-.venv/bin} DIST=${DIST:-dist}
ARCHES='' PYTHONS=''
for word in "$@"; do
    case $word in
        aarch64 | x86_64) ARCHES="$ARCHES $word" ;;
        3.11 | 3.12 | 3.13) PYTHONS="$PYTHONS $word" ;;
        *)
            echo "doorwatch: $word: name aarch64 or x86_64, 3.11 (bookworm) or 3.13 (trixie)" >&2
            exit 1
            ;;
    esac
done

SCRATCH=$(mktemp -d)
trap 'rm -rf "$SCRATCH"' EXIT
pip() { "$BIN/python" -m pip --disable-pip-version-check --quiet --quiet "$@"; }

# download ARCH PYTHON WHAT...: the wheels that this kind of machine takes.
download() {
    arch=$1 python=$2
    shift 2
    platforms=''
    # bookworm has glibc 2.36, so every platform up to that is as good as its own.
    for glibc in 2014 _2_17 _2_24 _2_26 _2_27 _2_28 _2_31 _2_34 _2_35 _2_36; do
        platforms="$platforms --platform manylinux${glibc}_$arch"
    done
    # shellcheck disable=SC2086 # words
    pip download --only-binary :all: --implementation cp --python-version "$python" $platforms \
        --constraint deploy/constraints.txt --dest "$WHEELS" "$@"
}

pip wheel --no-deps --wheel-dir "$SCRATCH" .
WHEEL=$(echo "$SCRATCH"/doorwatch-*.whl)
NAME=doorwatch-$(basename "$WHEEL" | cut -d- -f2)
FOLDER=$SCRATCH/$NAME WHEELS=$SCRATCH/$NAME/wheels
mkdir -p "$WHEELS"
cp "$WHEEL" "$WHEELS"
for arch in ${ARCHES:-aarch64 x86_64}; do
    for python in ${PYTHONS:-3.11 3.13}; do
        echo "== $arch, Python $python"
        download "$arch" "$python" pip "$WHEEL"
        # A Pi's own simplejpeg is too old for this numpy in bookworm; trixie has its own lgpio.
        if [ "$arch $python" = "aarch64 3.11" ]; then download "$arch" "$python" lgpio simplejpeg; fi
    done
done

cp deploy/install.sh deploy/constraints.txt deploy/install.md LICENSE "$FOLDER"
(cd "$FOLDER" && find . -type f ! -name 'SHA256SUMS*' -print0 | LC_ALL=C sort -z |
    xargs -0 sha256sum >SHA256SUMS)
if [ -n "${DOORWATCH_SIGNING_KEY:-}" ]; then
    ssh-keygen -q -Y sign -f "$DOORWATCH_SIGNING_KEY" -n doorwatch "$FOLDER/SHA256SUMS" 2>/dev/null ||
        { echo "doorwatch: $DOORWATCH_SIGNING_KEY does not sign: name an SSH key" >&2 && exit 1; }
fi
mkdir -p "$DIST"
DIGEST=$(sha256sum "$FOLDER/SHA256SUMS" | cut -c1-8)
FILE=$DIST/$NAME-$DIGEST.tar
# Not packed any further: wheels are, and minutes of it would win one part in a hundred.
tar --create --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C "$SCRATCH" \
    -f "$FILE" "$NAME"
(cd "$DIST" && sha256sum "$(basename "$FILE")" >"$(basename "$FILE").sha256")
echo "$FILE ($(du -m "$FILE" | cut -f1) MB)"
