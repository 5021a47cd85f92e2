#!/usr/bin/env bash
# SPDX-License-Identifier: Apache-2.0
#
# usage: run.sh SERVER FOLDER
#
# Runs clients.test.mjs against SERVER, with the packages of package-lock.json
# in FOLDER. Ends with 77, saying why, where they cannot be had.
set -euo pipefail

usage='usage: run.sh SERVER FOLDER'
server=$(readlink -f "${1:?$usage}")
folder=${2:?$usage}
here=$(dirname "$(readlink -f "${BASH_SOURCE[0]}")")

skip() {
  echo "skipped: $1"
  exit 77
}

command -v node >/dev/null || skip 'node is not installed'
command -v npm >/dev/null || skip 'npm is not installed'
mkdir -p "$folder"
cp "$here"/package.json "$here"/package-lock.json "$here"/*.mjs "$folder"
cd "$folder"
if ! cmp -s package-lock.json node_modules/of-package-lock.json; then
  npm ci --ignore-scripts --no-audit --no-fund ||
    skip 'npm could not get the packages'
  cp package-lock.json node_modules/of-package-lock.json
fi
COMMUNITY_SERVER=$server exec node --test clients.test.mjs
