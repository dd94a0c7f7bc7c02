#!/bin/sh
# Builds the static OpenSSL of the wheels into $OPENSSL_ROOT_DIR (/opt/openssl), once: a second run
# finds it there. It is 3.5, with support until April 2030. Its configuration directory is nowhere,
# so that no file of the host is read as its own.
set -eu
VERSION=3.5.6
SHA256=deae7c80cba99c4b4f940ecadb3c3338b13cb77418409238e57d7f31f2a3b736
PREFIX=${OPENSSL_ROOT_DIR:-/opt/openssl}

if [ -f "$PREFIX/lib/libssl.a" ] && [ -f "$PREFIX/LICENSE.txt" ]; then
  echo "OpenSSL is in $PREFIX"
  exit 0
fi

# What its Configure needs and the images of manylinux have not.
if command -v dnf >/dev/null; then
  dnf install -y perl-core
elif command -v apk >/dev/null; then
  apk add perl linux-headers
fi

scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT
cd "$scratch"
curl -fsSL --retry 3 -o openssl.tar.gz \
  "https://github.com/openssl/openssl/releases/download/openssl-$VERSION/openssl-$VERSION.tar.gz"
echo "$SHA256  openssl.tar.gz" | sha256sum -c -
tar xzf openssl.tar.gz
cd "openssl-$VERSION"
./Configure --prefix="$PREFIX" --openssldir=/nonexistent/sessionvitals --libdir=lib \
  no-shared no-tests no-apps no-docs no-legacy no-engine no-autoload-config -fvisibility=hidden -fPIC
make -j"$(nproc)" build_libs
make install_dev
cp LICENSE.txt "$PREFIX/"
