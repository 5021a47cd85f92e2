#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: consumer_test.sh BUILD_FOLDER COMPILER LIBDIR
#
# Installs a built library into a folder of its own, moves that folder, and
# builds and runs project/ with it in both ways a project may find it.
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
if grep -rIlF -e "$build" -e "$scratch/first" "$prefix"; then
  fail "these files name the build or the folder they were installed to"
fi

echo "With CMake:"
cmake -S "$here/project" -B "$scratch/cmake" -G Ninja \
  -DCMAKE_PREFIX_PATH="$prefix" -DCMAKE_CXX_COMPILER="$compiler"
cmake --build "$scratch/cmake"
"$scratch/cmake/consumer" "$scratch/cmake.db" >"$scratch/cmake.out"
cat "$scratch/cmake.out"

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
