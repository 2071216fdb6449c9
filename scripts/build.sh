# shellcheck shell=bash
# Configuring and building the presets. Sourced by ../assay, which provides say and ASSAY_ROOT.

build_dir() { echo "$ASSAY_ROOT/build/$1"; }

cmake_here() { (cd "$ASSAY_ROOT" && cmake "$@"); }

cache_says() { grep -qsE "^$2\$" "$(build_dir "$1")/CMakeCache.txt"; }

is_configured() { [[ -f $(build_dir "$1")/build.ninja ]] && is_of_this_tree "$1"; }

# A tree that was moved or copied still holds the cache of its old place, which CMake refuses.
is_of_this_tree() {
  grep -qsxF "CMAKE_HOME_DIRECTORY:INTERNAL=$ASSAY_ROOT" "$(build_dir "$1")/CMakeCache.txt"
}

# configure PRESET ON|OFF: the second word is whether its tests are built.
configure() {
  local fresh=()
  is_of_this_tree "$1" || fresh=(--fresh)
  say "configuring build/$1"
  cmake_here "${fresh[@]}" --preset "$1" -DBUILD_TESTING="$2"
}

# Ninja's dry run is how a build with nothing to do stays silent, and one with work shows progress.
is_up_to_date() { cmake_here --build --preset "$1" -- -n 2>/dev/null | grep -q 'no work to do'; }

build() {
  is_up_to_date "$1" && return
  say "building build/$1"
  cmake_here --build --preset "$1"
}

# Two builds at once in one folder spoil each other.
under_build_lock() {
  mkdir -p "$ASSAY_ROOT/build" || return
  {
    flock --nonblock 9 || { say "waiting for another build of this tree to end"; flock 9; }
    "$@"
  } 9>"$ASSAY_ROOT/build/.lock"
}

# Tests are left as they are found, and out of a first build: it need not wait for GoogleTest.
configure_and_build_to_use() {
  { is_configured release || configure release OFF; } && build release
}

# configure_and_build_with_tests PRESET
configure_and_build_with_tests() {
  { is_configured "$1" && cache_says "$1" 'BUILD_TESTING:[A-Z]+=ON' || configure "$1" ON; } && build "$1"
}

# All output goes to stderr: stdout belongs to the program that is started in the end.
build_to_use() { under_build_lock configure_and_build_to_use >&2; }

build_with_tests() { under_build_lock configure_and_build_with_tests "$1"; }
