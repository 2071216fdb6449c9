# shellcheck shell=bash
# The steps of `./assay test`. Sourced by ../assay.

readonly all_steps=(unit asan tsan format shell python tidy bench gate)
readonly lint_steps=(format shell python tidy)
declare -rA step_title=(
  [unit]='unit tests of the release build'
  [asan]='unit tests under AddressSanitizer and UndefinedBehaviorSanitizer'
  [tsan]='concurrent tests under ThreadSanitizer'
  [format]='clang-format of the C++ sources'
  [shell]='shellcheck of the shell scripts, yamllint of the workflows'
  [python]='syntax of the Python scripts'
  [tidy]='clang-tidy of the C++ sources'
  [bench]='tests that measure, for a short time and less the slow families, on the release build'
  [gate]='the last commit against its parent: instructions and times of a few kernels'
)
readonly clang_jobs=2
# The first python3 on a PATH may be another than the one that Debian's packages serve.
readonly debian_python=/usr/bin/python3
release_build=  # empty until it was tried, then its exit status

test_usage() {
  local step
  echo "usage: ./assay test [step...]"
  echo "Runs all steps, or those named; \`lint\` stands for ${lint_steps[*]}."
  for step in "${all_steps[@]}"; do printf '  %-8s %s\n' "$step" "${step_title[$step]}"; done
  echo "Exit codes: 0 all passed, 1 a step failed, 2 usage, 7 packages are missing."
  echo "ASSAY_SKIP_INSTALL=1 installs nothing."
}

build_release_once() {
  if [[ ! $release_build ]]; then
    build_with_tests release
    release_build=$?
  elif ((release_build != 0)); then
    echo "the release build failed in an earlier step"
  fi
  return "$release_build"
}

tracked() { git ls-files -z -- "$@"; }

step_unit() { build_release_once && ctest --preset unit; }

step_asan() { build_with_tests asan-ubsan && ctest --preset asan-ubsan; }

step_tsan() { build_with_tests tsan && under_less_randomness ctest --preset tsan; }

step_bench() { build_release_once && ctest --preset bench-quick; }

# The control instrument alone: it calls the kernels that most of the register rests on, and builds in
# a minute. Without relinks of the parent, times have a wide margin for what layout may do; the
# instructions tell smaller changes.
step_gate() {
  local code=0 answer="$ASSAY_ROOT/build/gate-answer.json"
  git rev-parse --verify --quiet 'HEAD~1^{commit}' >/dev/null || {
    echo "this clone holds no parent of HEAD: there is nothing to compare with"
    return 0
  }
  git diff --quiet HEAD~1 HEAD -- kernels/hypervector kernels/CMakeLists.txt benches/bind benches/control \
    benches/support cmake CMakeLists.txt CMakePresets.json && {
    echo "nothing that the control instrument is built of differs between HEAD~1 and HEAD"
    return 0
  }
  build_release_once || return
  rm -f "$answer"
  "$ASSAY_ROOT/build/release/harness/assay" gate --json "$answer" --baseline HEAD~1 --target instrument_control \
    --candidate "$ASSAY_ROOT/build/release/benches/instruments/control" --instructions also --budget 60 \
    --filter '/(calls:100|calls:1000|blocks:200)$' --margin 10% --all || code=$?
  # Without an answer nothing was compared, as where the parent could not be built.
  ((code == 3)) && [[ -s $answer ]] && {
    echo "no answer for all benchmarks: the times could not be trusted"
    return 0
  }
  return "$code"
}

# GCC 12's ThreadSanitizer finds no room for its shadow where the kernel randomises more than 28
# bits of an address.
under_less_randomness() {
  local bits=0
  [[ -r /proc/sys/vm/mmap_rnd_bits ]] && read -r bits </proc/sys/vm/mmap_rnd_bits
  if ((bits > 28)); then setarch --addr-no-randomize "$@"; else "$@"; fi
}

step_format() {
  tracked '*.cpp' '*.hpp' | xargs -0 --no-run-if-empty clang-format-19 --dry-run -Werror || {
    echo "mend: git ls-files -z '*.cpp' '*.hpp' | xargs -0 clang-format-19 -i"
    return 1
  }
}

step_shell() {
  tracked assay .ci/run '*.sh' | xargs -0 --no-run-if-empty shellcheck -x &&
    tracked '*.yml' | xargs -0 --no-run-if-empty yamllint --strict
}

step_python() {
  tracked '*.py' | xargs -0 --no-run-if-empty "$debian_python" -c '
import ast, sys
for path in sys.argv[1:]:
    ast.parse(open(path, encoding="utf-8").read(), path)'
}

# Prints what the release build compiles, less what it generates and the tests: those take as long
# again. It compiles some files together, in one that includes them: a header is then read once for
# eight. A file of several instruments stands in the build's database once for each, and clang-tidy
# would check it as often, as it would the gate's small suites, which are one source: the database that
# this writes to its argument holds each once.
sources_to_tidy() {
  "$debian_python" - build/release/compile_commands.json "$1" <<'END'
import json, os, re, sys
source, destination = sys.argv[1:]
generated = re.compile(re.escape(os.getcwd()) + r"/build/.*/[a-z]*\.cpp$")

def compiled(path):
    """What is compiled: of a file that only includes others, which."""
    return open(path, encoding="utf-8").read() if "/Unity/" in path else path

once = {compiled(entry["file"]): entry for entry in json.load(open(source, encoding="utf-8"))
        if not generated.match(entry["file"]) and not re.search(r"_test\.dir/|_test\.cpp$", entry["file"])}
os.makedirs(destination, exist_ok=True)
json.dump(list(once.values()), open(destination + "/compile_commands.json", "w", encoding="utf-8"))
print("\n".join(sorted(entry["file"] for entry in once.values())))
END
}

# Naming is checked in editors, which read the same .clang-tidy: here it would take a third of the
# step. That a source includes a source is how they are compiled together.
readonly tidy_database=build/release/tidy
readonly tidy_left_out=-readability-identifier-naming,-bugprone-reserved-identifier,-bugprone-suspicious-include

# clang-tidy counts what it suppressed on stderr; that is of interest only beside a finding.
tidy_one() {
  local output
  output=$(clang-tidy-19 -p "$tidy_database" --quiet --checks="$tidy_left_out" "$1" 2>&1) || { printf '%s\n' "$output"; return 1; }
}

step_tidy() {
  is_configured release || under_build_lock configure release ON || return
  export -f tidy_one
  export tidy_database tidy_left_out
  # shellcheck disable=SC2016  # it is the inner bash that expands $1
  sources_to_tidy "$tidy_database" |
    xargs -d '\n' -P "$clang_jobs" -I{} bash -c 'tidy_one "$1"' tidy_one {}
}

# Prints the steps that the words stand for, in the order in which they run.
chosen_steps() {
  local step
  (($#)) || set -- "${all_steps[@]}"
  for step in "${all_steps[@]}"; do
    if [[ " $* " == *" $step "* || (" $* " == *" lint "* && " ${lint_steps[*]} " == *" $step "*) ]]; then
      echo "$step"
    fi
  done
}

check_words() {
  local word
  for word in "$@"; do
    [[ " ${all_steps[*]} lint " == *" $word "* ]] && continue
    say "test: there is no step \"$word\"; the steps are: ${all_steps[*]} lint"
    exit 2
  done
}

# Runs one step; adds it to the failed ones if it fails.
run_step() {
  local step=$1 start=$SECONDS outcome=passed
  printf '\n== %s: %s\n' "$step" "${step_title[$step]}"
  "step_$step" || { outcome=FAILED; failed_steps+=("$step"); }
  printf '== %s: %s after %d s\n' "$step" "$outcome" $((SECONDS - start))
}

summarise() {
  local count=$1
  if ((${#failed_steps[@]})); then
    printf '\nassay test: FAILED: %s (%d of %d steps, %d s)\n' \
      "${failed_steps[*]}" "${#failed_steps[@]}" "$count" "$SECONDS"
    return 1
  fi
  printf '\nassay test: all %d steps passed (%d s)\n' "$count" "$SECONDS"
}

test_main() {
  if [[ " $* " == *" --help "* || " $* " == *" -h "* ]]; then test_usage; exit 0; fi
  check_words "$@"
  ensure_packages required test
  cd "$ASSAY_ROOT" || exit 8

  local step steps failed_steps=()
  mapfile -t steps < <(chosen_steps "$@")
  for step in "${steps[@]}"; do run_step "$step"; done
  summarise "${#steps[@]}"
}
