#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: consumer_test.sh BUILD_FOLDER COMPILER LIBDIR
#
# Installs a built library into a folder of its own, moves that folder, and
# builds and runs project/ with it in both ways a project may find it; two of
# the examples, as they lie there; then cel_project/, which wants CEL only and
# must not be asked for the rest.
set -euo pipefail

build=$1
compiler=$2
libdir=$3
here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
scratch=$(mktemp -d)
trap 'rm -rf "$scratch"' EXIT

fail() {
  printf 'FAILED: %s\n' "$*"
  exit 1
}

# Nothing installed may know where it was first.
cmake --install "$build" --prefix "$scratch/first" >"$scratch/install.log" ||
  { cat "$scratch/install.log"; fail "cmake --install"; }
prefix=$scratch/second
mv "$scratch/first" "$prefix"
[[ -e $prefix/$libdir/pkgconfig/loyalty.pc ]] || fail "no loyalty.pc"
[[ -e $prefix/$libdir/pkgconfig/loyalty_cel.pc ]] || fail "no loyalty_cel.pc"
if grep -rIlF -e "$build" -e "$scratch/first" "$prefix"; then
  fail "these files name the build or the folder they were installed to"
fi

echo "With CMake:"
cmake -S "$here/project" -B "$scratch/cmake" -G Ninja \
  -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler"
cmake --build "$scratch/cmake"
"$scratch/cmake/consumer" "$scratch/cmake.db" >"$scratch/cmake.out"
cat "$scratch/cmake.out"

echo "The examples, as a host builds them:"
for example in embed_minimal brand_app; do
  cmake -S "$here/../../examples/$example" -B "$scratch/$example" -G Ninja \
    -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler"
  cmake --build "$scratch/$example"
done
(cd "$scratch" && "$scratch/embed_minimal/embed_minimal") >"$scratch/minimal.out"
cmp "$scratch/minimal.out" "$here/../../examples/embed_minimal/expected.txt" ||
  fail "the output is not examples/embed_minimal/expected.txt"
"$scratch/brand_app/brand_app" --db "$scratch/ideas.db" card ada \
  >"$scratch/card.out"
grep -q '^  starter .* spark ' "$scratch/card.out" ||
  { cat "$scratch/card.out"; fail "no card of ada"; }

echo "With pkg-config:"
export PKG_CONFIG_PATH=$prefix/$libdir/pkgconfig
pkg-config --print-errors --exists loyalty
read -r -a cflags < <(pkg-config --cflags loyalty)
read -r -a libs < <(pkg-config --libs loyalty)
"$compiler" -std=c++20 "${cflags[@]}" "$here/project/main.cc" \
  -o "$scratch/consumer" "${libs[@]}"
LD_LIBRARY_PATH=$prefix/$libdir "$scratch/consumer" "$scratch/pkg.db" \
  >"$scratch/pkg.out"
cat "$scratch/pkg.out"

cmp "$scratch/cmake.out" "$scratch/pkg.out" || fail "the two differ"
cmp "$scratch/cmake.out" "$here/project/expected.txt" ||
  fail "the output is not project/expected.txt"

# without_the_rest WHAT TEXT
without_the_rest() {
  if grep -iE 'protobuf|sqlite|simdjson|libcrypto|lloyalty( |$)|libloyalty\.' \
    <<<"$2"; then
    fail "$1 of CEL alone names what only the rest needs"
  fi
}

echo "CEL alone, with CMake:"
cmake --no-warn-unused-cli -S "$here/cel_project" -B "$scratch/cel" -G Ninja \
  -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler" \
  -DCMAKE_DISABLE_FIND_PACKAGE_Protobuf=ON \
  -DCMAKE_DISABLE_FIND_PACKAGE_SQLite3=ON \
  -DCMAKE_DISABLE_FIND_PACKAGE_simdjson=ON \
  -DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON
cmake --build "$scratch/cel"
without_the_rest "the link line" "$(ninja -C "$scratch/cel" -t commands)"
without_the_rest "the program" "$(ldd "$scratch/cel/cel_consumer")"
"$scratch/cel/cel_consumer" >"$scratch/cel.out"

echo "CEL alone, with pkg-config:"
read -r -a cflags < <(pkg-config --cflags loyalty_cel)
read -r -a libs < <(pkg-config --libs loyalty_cel)
without_the_rest "pkg-config's line" "${libs[*]}"
"$compiler" -std=c++20 "${cflags[@]}" "$here/cel_project/main.cc" \
  -o "$scratch/cel_consumer" "${libs[@]}"
LD_LIBRARY_PATH=$prefix/$libdir "$scratch/cel_consumer" >"$scratch/cel_pkg.out"

cmp "$scratch/cel.out" "$scratch/cel_pkg.out" || fail "the two differ"
cmp "$scratch/cel.out" "$here/cel_project/expected.txt" ||
  fail "the output is not cel_project/expected.txt"
