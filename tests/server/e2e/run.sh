#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: run.sh FOLDER
#
# Installs what package.json names in FOLDER, if it has not been, and runs the
# tests of the page there: Node finds packages beside the files that want them.
set -euo pipefail

here=$(cd "$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")" && pwd -P)
folder=${1:?usage: run.sh FOLDER}/page
skip() {
  printf 'skipped: %s\n' "$1"
  exit 77
}

[[ -x ${NODE-} && -x ${NPM-} ]] || skip 'there is no node and npm (nodejs, npm)'
[[ -x ${CHROMIUM-} ]] || skip 'there is no chromium'

mkdir -p "$folder"
cp "$here"/*.mjs "$here"/package*.json "$folder"
cd "$folder"
if ! cmp -s package-lock.json node_modules/.installed; then
  "$NPM" ci --no-audit --no-fund --loglevel=error >install.log 2>&1 || {
    cat install.log >&2
    # Offline there is nothing to be had; in CI there has to be.
    [[ -z ${CI-} ]] || exit 1
    skip 'npm could not install what the tests need'
  }
  cp package-lock.json node_modules/.installed
fi
exec "$NODE" all.mjs
