# shellcheck shell=bash
# Debian packages: which of packages.list are missing, and installing them where that is allowed.
# Sourced by ../assay, which provides say and ASSAY_ROOT.

package_list=$ASSAY_ROOT/packages.list
declined_optional=$ASSAY_ROOT/build/.optional-not-installable
declare -A package_purpose=()

# Prints the names in the sections given, one a line.
packages_in() {
  local name section=
  while read -r name _; do
    case $name in
      '' | '#'*) ;;
      '['*']') section=${name//[][]/} ;;
      *) [[ " $* " == *" $section "* ]] && printf '%s\n' "$name" ;;
    esac
  done <"$package_list"
}

read_purposes() {
  local name purpose
  while read -r name purpose; do
    [[ $name == [a-z]* ]] && package_purpose[$name]=$purpose
  done <"$package_list"
}

# Passes on those of the names on stdin that dpkg does not hold as installed.
not_installed() {
  local name status names installed=' '
  mapfile -t names
  while read -r name status; do
    [[ $status == installed ]] && installed+="$name "
  done < <(dpkg-query --show --showformat '${Package} ${db:Status-Status}\n' "${names[@]}" 2>/dev/null)
  for name in "${names[@]}"; do
    [[ $installed == *" $name "* ]] || printf '%s\n' "$name"
  done
}

# Sets missing_needed and missing_optional; the arguments name the sections that are needed.
find_missing() {
  mapfile -t missing_needed < <(packages_in "$@" | not_installed)
  mapfile -t missing_optional < <(packages_in optional | not_installed)
}

have() { type -P "$1" >/dev/null; }

is_root() { [[ $(id -u) == 0 ]]; }

# Says why nothing may be installed; prints nothing where it may.
why_not_install() {
  if [[ ${ASSAY_SKIP_INSTALL:-0} != 0 ]]; then
    echo "ASSAY_SKIP_INSTALL is set"
  elif ! have apt-get; then
    echo "there is no apt-get"
  elif ! is_root && ! have sudo; then
    echo "this is not root, and there is no sudo"
  fi
}

apt_get() {
  if is_root; then
    DEBIAN_FRONTEND=noninteractive apt-get "$@"
  else
    sudo env DEBIAN_FRONTEND=noninteractive apt-get "$@"
  fi
}

apt_knows() { apt-get install --simulate --no-install-recommends "$@" >/dev/null 2>&1; }

# All output goes to stderr: stdout belongs to the program that is started in the end.
apt_install() {
  apt_knows "$@" && apt_get install --yes --no-install-recommends "$@" >&2 && return
  say "updating the package lists: they are missing or old"
  apt_get update >&2 && apt_get install --yes --no-install-recommends "$@" >&2
}

install_command() {
  local prefix=
  is_root || { have sudo && prefix='sudo '; } || prefix='(as root) '
  echo "${prefix}apt-get install --no-install-recommends $*"
}

# An optional package that could not be had is asked for once, not at every start.
was_declined() { [[ -f $declined_optional && $(<"$declined_optional") == "$*" ]]; }

remember_declined() { (($#)) && mkdir -p "$ASSAY_ROOT/build" && echo "$*" >"$declined_optional"; }

describe() {
  local name
  for name in "$@"; do printf '  %-24s %s\n' "$name" "${package_purpose[$name]}" >&2; done
}

# Optional packages go one by one: a release of Debian may lack one of them.
install_missing() {
  local name optional=("${missing_optional[@]}")
  was_declined "${optional[@]}" && optional=()
  ((${#missing_needed[@]} + ${#optional[@]})) || return 0

  say "installing these Debian packages, which are not there yet:"
  describe "${missing_needed[@]}" "${optional[@]}"
  say "by: $(install_command "${missing_needed[@]}" "${optional[@]}")"
  ((${#missing_needed[@]} == 0)) || apt_install "${missing_needed[@]}" || return
  for name in "${optional[@]}"; do apt_install "$name"; done
}

note_optional() {
  local name
  for name in "$@"; do
    say "$name is not installed, and with it go ${package_purpose[$name]} (to have it: $(install_command "$name"))"
  done
}

stop_for_required() {
  local why=$1
  shift
  say "these required packages are missing, and were not installed because $why:"
  describe "$@"
  say "install them by: $(install_command "$@")"
  exit 7
}

# Where dpkg cannot be asked, whoever sets ASSAY_SKIP_INSTALL answers for the packages.
go_on_without_dpkg() {
  [[ ${ASSAY_SKIP_INSTALL:-0} != 0 ]] && return
  local names
  mapfile -t names < <(packages_in "$@")
  say "this is no Debian system; with the like of these packages in place, set ASSAY_SKIP_INSTALL=1"
  stop_for_required "there is no dpkg-query to tell what is installed" "${names[@]}"
}

# ensure_packages SECTION...: leaves with exit code 7 unless all packages of these sections are
# there. Those in [optional] are installed along with them where possible.
ensure_packages() {
  local why missing_needed missing_optional
  read_purposes
  have dpkg-query || { go_on_without_dpkg "$@"; return; }

  find_missing "$@"
  ((${#missing_needed[@]} + ${#missing_optional[@]})) || return 0
  why=$(why_not_install)
  if [[ ! $why ]]; then
    install_missing
    find_missing "$@"
    remember_declined "${missing_optional[@]}"
  fi
  note_optional "${missing_optional[@]}"
  ((${#missing_needed[@]} == 0)) || stop_for_required "${why:-apt-get failed}" "${missing_needed[@]}"
}
