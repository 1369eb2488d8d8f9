# Finds a JDK 25 and exports it as JAVA_HOME; a sentence on stderr and exit 1 if there is none. mvnw and handfast source it.
# With handfast_jdk_program=java a runtime without a compiler does as well: bin/handfast, beside which this is copied, runs.
#
# Order: HANDFAST_JAVA_HOME (an error if it is set and is no JDK 25), JAVA_HOME, java on the PATH, the usual places.

handfast_jdk_feature=25
handfast_jdk_program=${handfast_jdk_program-javac}

# The feature version of the JDK in directory $1, from its release file (no JVM is started); empty if it is no JDK.
handfast_jdk_version() {
  [ -x "$1/bin/$handfast_jdk_program" ] && [ -r "$1/release" ] || return 0
  sed -n 's/^JAVA_VERSION="\([0-9]*\).*/\1/p' "$1/release"
}

handfast_jdk_candidates() (
  set +f
  printf '%s\n' "${JAVA_HOME-}"
  on_path=$(command -v "$handfast_jdk_program" || :)
  [ -z "$on_path" ] || on_path=$(readlink -f "$on_path" 2>/dev/null || :)
  printf '%s\n' "${on_path%/bin/"$handfast_jdk_program"}"
  printf '%s\n' /usr/lib/jvm/* /opt/* "${HOME-}"/.sdkman/candidates/java/* "${HOME-}"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home
)

handfast_find_jdk() {
  if [ -n "${HANDFAST_JAVA_HOME-}" ]; then
    if [ "$(handfast_jdk_version "$HANDFAST_JAVA_HOME")" != "$handfast_jdk_feature" ]; then
      echo "HANDFAST_JAVA_HOME: $HANDFAST_JAVA_HOME (expected: the directory of a JDK $handfast_jdk_feature)" >&2
      return 1
    fi
    JAVA_HOME=$HANDFAST_JAVA_HOME
  else
    JAVA_HOME=$(handfast_jdk_candidates | while IFS= read -r candidate; do
      if [ "$(handfast_jdk_version "$candidate")" = "$handfast_jdk_feature" ]; then
        printf '%s\n' "$candidate"
        break
      fi
    done)
  fi
  if [ -z "$JAVA_HOME" ]; then
    echo "No JDK $handfast_jdk_feature found in JAVA_HOME, on the PATH, or in /usr/lib/jvm, /opt, ~/.sdkman, ~/.jdks and" \
      "/Library/Java/JavaVirtualMachines: install one, or point HANDFAST_JAVA_HOME to its directory." >&2
    return 1
  fi
  export JAVA_HOME
}

handfast_find_jdk || exit 1
