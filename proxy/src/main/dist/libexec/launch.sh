# How a JVM of Handfast's is started; bin/handfast, libexec/prepare and a checkout's launcher source it, with $dist, the
# directory of all this, and $JAVA_HOME. No program runs here but two that list
# the jars and what they were.

# Chosen by measurement: docs/adr/0015-jvm.md of the sources has the figures.
# The serial collector and small headers are what a sidecar can afford. A young generation of this size keeps pauses short,
# and its survivors have room for a thousand streams in flight, which would fill the old one otherwise. Without -Xms the heap
# starts at its maximum, and classes that are loaded at a start end in no full collection.
flags='-XX:+UseSerialGC -XX:+UseCompactObjectHeaders -Xms20m -Xmx256m -Xmn12m -XX:SurvivorRatio=2 -XX:MetaspaceSize=96m'
# What a full collection frees goes back to the system, but for a quarter.
flags="$flags -XX:MinHeapFreeRatio=10 -XX:MaxHeapFreeRatio=25 -XX:-ShrinkHeapInSteps"
# What the compilers have freed goes back to the system, and the AOT cache is mapped where it was made: moved, nearly all of
# its pages would be written, and be this process's own.
flags="$flags -XX:TrimNativeHeapInterval=5000 -XX:+UnlockDiagnosticVMOptions -XX:ArchiveRelocationMode=0"
# The JVM's compilers give way to what starts and serves: at nice 0 they take half of the core that all of it has. Lowering
# asks no privilege, of whose want the JVM would warn all but root. The policy would raise the collector where it may.
flags="$flags -XX:ThreadPriorityPolicy=1 -XX:CompilerThreadPriority=5 -XX:VMThreadPriority=0 -XX:-PrintWarnings"
# One arena of malloc's: each thread's own would keep what that thread once needed.
export MALLOC_ARENA_MAX="${MALLOC_ARENA_MAX-1}"
# Netty and protobuf load natives and use Unsafe: allowed here, so that JDK 25 does not warn.
access='--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow'
main=io.handfast.proxy.cli.Main

# In one order everywhere, which lib/* has not: a cache is for jars in the order in which they were.
class_path=$(LC_ALL=C; set -- "$dist"/lib/*.jar; IFS=:; printf %s "$*")

# What the JVM learnt in a training run of the sidecar (libexec/prepare): with it a sidecar starts in half the time. It is
# good for these jars, these flags and this build of the JDK only, and their hash is its name. The JVM does not look into
# a jar whose size and time are the same, and says nothing useful of one that it refuses; so we look.
aot=$dist/aot

java_runtime_version() {
  while IFS='=' read -r key value; do
    if [ "$key" = JAVA_RUNTIME_VERSION ]; then printf %s "$value"; fi
  done <"$JAVA_HOME/release" 2>/dev/null
}

# Names, sizes and times of the jars.
list_jars() {
  (LC_ALL=C; cd "$dist/lib" && stat -c '%n %s %Y' -- *.jar) 2>/dev/null || echo unknown
}

# Sets $cache, which is empty where there is none to use: $uncached says why, $outdated if libexec/prepare would help.
outdated='none was made for these jars, with their times, and this build of the JDK'
choose_cache() {
  cache= uncached=
  if [ -n "${HANDFAST_JAVA_OPTS+set}" ]; then uncached='HANDFAST_JAVA_OPTS is set'; return; fi
  if [ "${HANDFAST_AOT-}" = off ]; then uncached='HANDFAST_AOT is off'; return; fi
  hash= made_with=
  if [ -r "$aot/made-for" ]; then { read -r hash && read -r made_with; } <"$aot/made-for" || :; fi
  jars=$(list_jars)
  if [ "$jars" = unknown ]; then
    uncached='there is no stat -c here, which tells jars apart'
  elif [ "$(java_runtime_version) $flags" != "$made_with" ] || [ "$jars" != "$(sed 1,2d "$aot/made-for")" ]; then
    uncached=$outdated
  elif [ ! -s "$aot/$hash.cache" ]; then
    uncached='it could not be made here'
  else
    cache=$aot/$hash.cache
  fi
}
