#!/usr/bin/env bash
# Tests ../assay, copied into a folder of its own where every tool that matters is a fake. Each fake
# writes its arguments to $sandbox/calls; $sandbox/installed is what the fake dpkg knows.
# shellcheck disable=SC2016  # what stands in single quotes is for the fakes to expand
set -uo pipefail
here=$(dirname -- "$(readlink -f -- "${BASH_SOURCE[0]}")")
sandbox=$(mktemp -d)
trap 'rm -rf "$sandbox"' EXIT
readonly here sandbox tree=$sandbox/tree bin=$sandbox/bin
export sandbox tree
passed=0 failed=0

real_tools=(bash cat chmod dirname env flock grep mkdir readlink rm sed sort xargs)

# fake TOOL [SCRIPT]
fake() {
  printf '#!/usr/bin/env bash\necho "%s $*" >>"$sandbox/calls"\n%s\n' "$1" "${2-}" >"$bin/$1"
  chmod +x "$bin/$1"
}

fake_dpkg_query='for p; do grep -qxF -- "$p" "$sandbox/installed" && echo "$p installed"; done; true'
fake_apt_get='
[[ " $* " == *" install "* && " $* " != *" --simulate "* ]] || exit 0
for p; do [[ $p == -* || $p == install ]] || echo "$p" >>"$sandbox/installed"; done'

# Configuring makes the files that the launcher looks at; building makes a program that echoes.
fake_cmake='
case " $* " in
  *" -n "*) [[ -x $tree/build/release/harness/assay ]] && echo "ninja: no work to do." ;;
  *" --build "*)
    mkdir -p "$tree/build/release/harness"
    cat >"$tree/build/release/harness/assay" <<"END"
#!/usr/bin/env bash
echo program "$PWD" "$ASSAY_ROOT" "$@"
exit 42
END
    chmod +x "$tree/build/release/harness/assay" ;;
  *)
    while [[ $1 != --preset ]]; do shift; done
    mkdir -p "$tree/build/$2"
    cd "$tree/build/$2"
    : >build.ninja
    printf "%s\n" "BUILD_TESTING:BOOL=${3#*=}" "CMAKE_HOME_DIRECTORY:INTERNAL=$tree" >CMakeCache.txt
    echo "[{\"file\": \"$tree/a.cpp\"}, {\"file\": \"$tree/a.cpp\"}]" >compile_commands.json ;;
esac'

# A machine where all is installed, and nobody is root.
new_machine() {
  rm -rf "$tree" "$bin"
  mkdir -p "$tree/scripts" "$bin"
  cp "$here/../assay" "$here/../packages.list" "$tree/"
  cp "$here"/{packages,build,test_steps}.sh "$tree/scripts/"
  : >"$sandbox/calls"
  local tool
  for tool in "${real_tools[@]}"; do ln -s "$(type -P "$tool")" "$bin/$tool"; done
  sed -n 's/^\([a-z][^ ]*\) .*/\1/p' "$tree/packages.list" >"$sandbox/installed"
  fake id 'echo 1000'
  fake dpkg-query "$fake_dpkg_query"
  fake apt-get "$fake_apt_get"
  fake sudo 'exec "$@"'
  fake cmake "$fake_cmake"
  for tool in ctest git clang-format-19 clang-tidy-19 shellcheck setarch; do fake "$tool"; done
}

uninstall() { grep -vxF -f <(printf '%s\n' "$@") "$sandbox/installed" >"$sandbox/left"; mv "$sandbox/left" "$sandbox/installed"; }

remove_tool() { rm "$bin/$1"; }

# Runs the launcher; sets out, err and code.
launch() {
  code=0
  PATH=$bin "${launcher:-$tree/assay}" "$@" >"$sandbox/out" 2>"$sandbox/err" </dev/null || code=$?
  out=$(<"$sandbox/out") err=$(<"$sandbox/err")
}

complain() {
  failed=$((failed + 1))
  printf 'FAIL %s: %s\n--- out\n%s\n--- err\n%s\n--- calls\n%s\n' "${FUNCNAME[2]}" "$1" "$out" "$err" "$(<"$sandbox/calls")"
}

expect_code() { if [[ $code == "$1" ]]; then passed=$((passed + 1)); else complain "exit code $code, not $1"; fi; }
expect_in() { if [[ $1 == *"$2"* ]]; then passed=$((passed + 1)); else complain "not said: $2"; fi; }
expect_not_in() { if [[ $1 != *"$2"* ]]; then passed=$((passed + 1)); else complain "said: $2"; fi; }
calls() { cat "$sandbox/calls"; }

test_every_word_goes_to_the_program_with_its_arguments_and_exit_code() {
  new_machine
  launch list --flag 'two words' ''
  expect_code 42
  expect_in "$out" "program $PWD $tree list --flag two words "
}

test_no_word_at_all_goes_to_the_program() {
  new_machine
  launch
  expect_code 42
  expect_in "$out" "program $PWD $tree"
}

test_stdout_holds_nothing_but_the_program() {
  new_machine
  uninstall cmake
  launch list
  expect_in "$(head -n 1 "$sandbox/out")" 'program '
}

test_a_symlink_and_another_folder_change_nothing() {
  new_machine
  ln -sfn "$tree/assay" "$sandbox/link"
  launcher=$sandbox/link
  pushd / >/dev/null || exit
  launch list
  popd >/dev/null || exit
  launcher=
  expect_in "$out" "program / $tree list"
}

test_a_first_start_builds_without_tests_and_a_second_builds_nothing() {
  new_machine
  launch list
  expect_in "$(calls)" 'cmake --fresh --preset release -DBUILD_TESTING=OFF'
  expect_in "$(calls)" 'cmake --build --preset release'
  : >"$sandbox/calls"
  launch list
  expect_code 42
  expect_in "said nothing:$err|" 'said nothing:|'
  expect_in "called: $(grep '^cmake' "$sandbox/calls")|" 'called: cmake --build --preset release -- -n|'
}

test_a_moved_tree_is_configured_afresh() {
  new_machine
  launch list
  sed -i 's/^CMAKE_HOME_DIRECTORY.*/CMAKE_HOME_DIRECTORY:INTERNAL=\/elsewhere/' "$tree/build/release/CMakeCache.txt"
  : >"$sandbox/calls"
  launch list
  expect_in "$(calls)" 'cmake --fresh --preset release'
}

test_tests_are_switched_on_in_a_build_that_lacks_them() {
  new_machine
  launch list
  launch test unit
  expect_code 0
  expect_in "$(calls)" 'cmake --preset release -DBUILD_TESTING=ON'
  launch list
  expect_not_in "$(tail -n 3 "$sandbox/calls")" 'BUILD_TESTING=OFF'
}

test_a_failed_build_has_an_exit_code_of_its_own() {
  new_machine
  fake cmake 'echo "x.cpp:1: error: no"; exit 1'
  launch run
  expect_code 8
  expect_in "$err" 'x.cpp:1: error: no'
  expect_in "$err" 'the build failed'
  expect_not_in "$out" program
}

test_what_is_installed_is_said_first() {
  new_machine
  uninstall cmake python3-matplotlib
  fake apt-get "echo APT; $fake_apt_get"
  launch list
  expect_code 42
  local before=${err%%APT*}
  expect_in "$before" 'installing these Debian packages'
  expect_in "$before" 'cmake                    configures the presets'
  expect_in "$before" 'sudo apt-get install --no-install-recommends cmake python3-matplotlib'
}

test_sudo_is_used_by_users_and_not_by_root() {
  new_machine
  uninstall cmake
  launch list
  expect_in "$(calls)" 'sudo env DEBIAN_FRONTEND=noninteractive apt-get install --yes --no-install-recommends cmake'
  new_machine
  uninstall cmake
  fake id 'echo 0'
  launch list
  expect_in "$(calls)" 'apt-get install --yes --no-install-recommends cmake'
  expect_not_in "$(calls)" sudo
}

test_the_lists_are_updated_only_where_apt_does_not_know_a_package() {
  new_machine
  uninstall cmake
  launch list
  expect_not_in "$(calls)" 'apt-get update'
  new_machine
  uninstall cmake
  fake apt-get 'case " $* " in *" --simulate "*) exit 100 ;; *" install "*) echo cmake >>'"$sandbox"'/installed ;; esac'
  launch list
  expect_code 42
  expect_in "$(calls)" 'apt-get update'
}

test_a_user_without_sudo_is_told_what_is_missing() {
  new_machine
  uninstall cmake libfmt-dev
  remove_tool sudo
  launch list
  expect_code 7
  expect_in "$err" 'this is not root, and there is no sudo'
  expect_in "$err" 'install them by: (as root) apt-get install --no-install-recommends cmake libfmt-dev'
  expect_not_in "$(calls)" 'apt-get install'
}

test_a_failing_apt_get_is_told_as_such() {
  new_machine
  uninstall cmake
  fake apt-get 'exit 100'
  launch run
  expect_code 7
  expect_in "$err" 'because apt-get failed'
  expect_in "$err" '  cmake '
}

test_the_skip_variable_installs_nothing() {
  new_machine
  uninstall cmake
  export ASSAY_SKIP_INSTALL=1
  launch list
  unset ASSAY_SKIP_INSTALL
  expect_code 7
  expect_in "$err" 'ASSAY_SKIP_INSTALL is set'
  expect_not_in "$(calls)" apt-get
}

test_another_system_than_debian_is_named() {
  new_machine
  remove_tool dpkg-query
  launch list
  expect_code 7
  expect_in "$err" 'no Debian system'
  expect_in "$err" 'libbenchmark-dev'
  ASSAY_SKIP_INSTALL=1 launch list
  expect_code 42
}

test_an_optional_package_that_cannot_be_had_is_noted_and_asked_for_once() {
  new_machine
  uninstall python3-matplotlib
  fake apt-get 'exit 100'
  launch list
  expect_code 42
  expect_in "$err" 'python3-matplotlib is not installed, and with it go the figures'
  : >"$sandbox/calls"
  launch list
  expect_code 42
  expect_in "$err" 'python3-matplotlib is not installed'
  expect_not_in "$(calls)" apt-get
}

test_only_test_asks_for_the_test_packages() {
  new_machine
  uninstall libgtest-dev
  remove_tool sudo
  launch list
  expect_code 42
  launch test unit
  expect_code 7
  expect_in "$err" 'libgtest-dev'
}

test_a_failing_step_fails_the_test_and_later_steps_run() {
  new_machine
  fake ctest '[[ $2 != asan-ubsan ]]'
  fake clang-tidy-19 'echo "a.cpp:1: error: finding"; exit 1'
  launch test
  expect_code 1
  expect_in "$(calls)" 'ctest --preset bench'
  expect_in "$out" 'a.cpp:1: error: finding'
  expect_in "$(tail -n 1 "$sandbox/out")" 'FAILED: asan tidy (2 of 9 steps'
}

test_steps_run_in_their_order() {
  new_machine
  launch test
  expect_code 0
  expect_in "$(grep '^ctest' "$sandbox/calls")" $'ctest --preset unit\nctest --preset asan-ubsan\nctest --preset tsan\nctest --preset bench'
  expect_in "$(tail -n 1 "$sandbox/out")" 'all 9 steps passed'
}

test_the_gate_says_why_it_compares_nothing() {
  new_machine
  fake git '[[ $1 != rev-parse ]]'
  launch test gate
  expect_code 0
  expect_in "$out" 'holds no parent of HEAD'
  new_machine
  launch test gate
  expect_code 0
  expect_in "$out" 'differs between HEAD~1 and HEAD'
}

test_the_gate_compares_with_the_parent_and_fails_by_its_exit_code() {
  new_machine
  fake git '[[ $1 != diff ]]'
  launch test gate
  expect_code 1
  expect_in "$out" '--baseline HEAD~1 --target instrument_control'
}

test_lint_stands_for_the_checks_without_a_test_run() {
  new_machine
  launch test lint
  expect_code 0
  expect_not_in "$(calls)" 'ctest '
  expect_in "$(calls)" "clang-tidy-19 -p build/release/tidy --quiet --checks=-readability-identifier-naming,-bugprone-reserved-identifier,-bugprone-suspicious-include $tree/a.cpp"
}

test_an_unknown_step_is_a_usage_error() {
  new_machine
  launch test untt
  expect_code 2
  expect_in "$err" 'there is no step "untt"; the steps are: unit'
}

mapfile -t tests < <(declare -F | sed -n 's/^declare -f \(test_\)/\1/p')
for test in "${tests[@]}"; do "$test"; done
printf 'launcher: %d tests, %d expectations held, %d failed\n' "${#tests[@]}" "$passed" "$failed"
((failed == 0))
