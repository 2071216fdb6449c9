#!/usr/bin/env bash
# recorded_test.sh PROGRAM: what is recorded can be computed again. Judges a copy of every recorded
# run and compares the bytes, and compares the README's figures with the run that it names.
set -uo pipefail
cd "$(dirname -- "${BASH_SOURCE[0]}")/.." || exit 1
program=$1
scratch=$(mktemp -d)
trap 'rm -rf -- "$scratch"' EXIT
failed=0

check_run() {
  local run=$1 copy file
  copy=$scratch/$(basename -- "$run")
  cp -r -- "$run" "$copy"
  "$program" judge "$copy" >/dev/null || [[ $? == 3 ]] || { echo "$run: cannot be judged"; return 1; }
  for file in verdicts.json figures.json report.md; do
    cmp -- "$run/$file" "$copy/$file" || return 1
  done
  "$program" verify "$run"
}

runs=(results/*/run.json)
[[ -e ${runs[0]} ]] || { echo "no run is recorded"; exit 1; }
for manifest in "${runs[@]}"; do
  run=${manifest%/run.json}
  git ls-files --error-unmatch "$manifest" >/dev/null 2>&1 || continue  # local, not recorded
  check_run "$run" || { echo "$run: not what its data say"; failed=1; }
done
"$program" embed --check README.md || failed=1
exit "$failed"
