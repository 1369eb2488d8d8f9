package io.handfast.proxy.cli;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.AnnotatedElementContext;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.api.io.TempDirFactory;

/**
 * The directory that the build leaves, at another place than where it was built: jars, launcher and
 * the AOT cache that belongs to them.
 */
final class PackageIT {
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  // Set by the build; in an IDE the working directory is the module's.
  private static final Path BUILT =
      Path.of(System.getProperty("basedir", ""), "target", "handfast").toAbsolutePath();

  private static final Pattern LISTENING =
      Pattern.compile("listening: listener=only address=\\[(127\\.0\\.0\\.1:\\d+)]");

  private static final Pattern COLLECTED =
      Pattern.compile("heap: collected used=\\d+ left=(?<left>\\d+)\\s");

  private static final Pattern ADMINISTRATION =
      Pattern.compile("administration: address=(127\\.0\\.0\\.1:\\d+)\\D");

  // What -Xms and -Xmn leave; a heap does not shrink below it.
  private static final double INITIAL_OLD_BYTES = 8 << 20;

  private static final Pattern SHRUNK =
      Pattern.compile(
          "(?m)^envoy_overload_envoy_overload_actions_shrink_heap_shrink_count\\S* (\\S+)");

  private static final Pattern COMMITTED =
      Pattern.compile("(?m)^jvm_memory_committed_bytes\\{.*id=\"Tenured Gen\".*} (\\S+)");

  // A name may have blanks and parentheses; sixteen fields are between it and the niceness.
  private static final Pattern STAT =
      Pattern.compile("\\d+ \\((?<name>.*)\\)(?: \\S+){16} (?<nice>\\S+) .*\\s");

  private static final String BOOTSTRAP =
      """
      admin: { address: { socket_address: { address: 127.0.0.1, port_value: 0 } } }
      static_resources:
        listeners:
        - name: only
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: only
                route_config:
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes:
                    - match: { prefix: / }
                      direct_response: { status: 200, body: { inline_string: served } }
                http_filters:
                - name: envoy.filters.http.router
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
      """;

  @TempDir(factory = BesideWhatWasBuilt.class)
  private Path directory;

  private final List<Process> processes = new ArrayList<>();
  private Path copy = BUILT;

  /** As the build does, which leaves it out with {@code -Dfast}; nothing where it is done. */
  @BeforeAll
  static void prepare() throws Exception {
    prepare(BUILT, Path.of(System.getProperty("java.home")));
  }

  private static void prepare(Path dist, Path javaHome) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder(dist.resolve("libexec/prepare").toString()).inheritIO();
    builder.environment().keySet().removeIf(name -> name.startsWith("HANDFAST_"));
    builder.environment().put("JAVA_HOME", javaHome.toString());
    assertThat(builder.start().waitFor()).isZero();
  }

  /** With a blank in its name, and by links in place of 170 MB: they have the same times. */
  @BeforeEach
  void copy() throws IOException {
    copy = directory.resolve("somewhere else");
    try (Stream<Path> paths = Files.walk(BUILT)) {
      for (Path path : paths.toList()) {
        Path target = copy.resolve(BUILT.relativize(path));
        if (Files.isDirectory(path)) {
          Files.createDirectories(target);
        } else {
          Files.createLink(target, path);
        }
      }
    }
  }

  @AfterEach
  void close() {
    processes.forEach(Process::destroyForcibly);
    processes.forEach(process -> process.onExit().join());
  }

  @Test
  void shouldServeWithItsCacheWhereverItStandsUntilItIsTerminated() throws Exception {
    Process sidecar = start(Map.of());

    assertThat(answer()).isEqualTo("served");

    assertThat(mapsItsCache(sidecar)).isTrue();
    assertThat(log()).contains("AOT cache: given");
    sidecar.destroy();
    assertThat(sidecar.waitFor()).isZero();
    assertThat(log()).contains("SIGTERM: draining").endsWith("stopped\n");
  }

  @Test
  void shouldHaveCompilersGiveWayToWhatServes() throws Exception {
    // Who is not root may not go back below the niceness that the build was given.
    int least =
        System.getProperty("user.name").equals("root")
            ? 0
            : niceOf(ProcessHandle.current().pid()).getOrDefault("VM Thread", 0);
    Process sidecar = start(Map.of());

    assertThat(answer()).isEqualTo("served");

    assertThat(niceOf(sidecar.pid()))
        .containsEntry("C1 CompilerThre", Math.max(5, least))
        .containsEntry("C2 CompilerThre", Math.max(5, least))
        .containsEntry("VM Thread", least)
        .containsEntry("handfast-loop-1", least);
  }

  @Test
  void shouldCollectWhatAStartLeavesWhenMemoryIsScarce() throws Exception {
    start(
        Map.of(),
        BOOTSTRAP
            + """
            overload_manager:
              resource_monitors:
              - name: heap
                typed_config:
                  "@type": type.googleapis.com/envoy.extensions.resource_monitors.fixed_heap.v3.FixedHeapConfig
                  max_heap_size_bytes: 1
              actions:
              - name: envoy.overload_actions.shrink_heap
                triggers: [{ name: heap, threshold: { value: 0.5 } }]
            """);

    // By default two fifths would be free afterwards.
    double left = Double.parseDouble(awaitLog(COLLECTED).group("left"));
    String stats = get(awaitLog(ADMINISTRATION), "/stats/prometheus");
    assertThat(value(SHRUNK, stats)).isPositive();
    assertThat(value(COMMITTED, stats)).isBetween(left, Math.max(INITIAL_OLD_BYTES, left / 0.75));
    assertThat(answer()).isEqualTo("served");
  }

  private static double value(Pattern metric, String stats) {
    Matcher found = metric.matcher(stats);
    assertThat(found.find()).as(metric.pattern()).isTrue();
    return Double.parseDouble(found.group(1));
  }

  @Test
  void shouldServeWithoutItsCacheAndSayWhyWhenAJarIsAnotherOne() throws Exception {
    Path jar = onlyJar("handfast-proxy-");
    replace(jar, Files.readAllBytes(jar));
    Files.setLastModifiedTime(jar, FileTime.fromMillis(0));

    Process sidecar = start(Map.of());

    assertThat(answer()).isEqualTo("served");
    assertThat(mapsItsCache(sidecar)).isFalse();
    assertThat(log()).contains("AOT cache: not used: none was made for these jars");
  }

  @Test
  void shouldServeWithoutItsCacheWhenToldTo() throws Exception {
    Process sidecar = start(Map.of("HANDFAST_AOT", "off"));

    assertThat(answer()).isEqualTo("served");
    assertThat(mapsItsCache(sidecar)).isFalse();
    assertThat(log()).contains("AOT cache: not used: HANDFAST_AOT is off");
  }

  @Test
  void shouldMakeNoOtherCacheWhenNothingHasChanged() throws Exception {
    FileTime made = Files.getLastModifiedTime(onlyCache());

    prepare();

    assertThat(Files.getLastModifiedTime(onlyCache())).isEqualTo(made);
  }

  @Test
  void shouldGiveJarsThatDifferOtherTimesWhenTheirSizeIsTheSame() throws Exception {
    Path jar = onlyJar("handfast-proxy-");
    FileTime before = Files.getLastModifiedTime(jar);
    byte[] other = Files.readAllBytes(jar);
    other[other.length / 2] ^= 1;
    replace(jar, other);

    prepare(copy, unusableJdk());

    assertThat(Files.getLastModifiedTime(jar)).isNotEqualTo(before);
    assertThat(Files.getLastModifiedTime(onlyJar("netty-buffer-")))
        .isEqualTo(Files.getLastModifiedTime(only(BUILT.resolve("lib"), "netty-buffer-")));
  }

  @Test
  void shouldStartWithoutACacheAndSayWhyWhenNoneCouldBeMade() throws Exception {
    Path jar = onlyJar("handfast-proxy-");
    replace(jar, Files.readAllBytes(jar));
    Files.delete(onlyCache());
    prepare(copy, unusableJdk());

    Process sidecar = start(Map.of());

    assertThat(answer()).isEqualTo("served");
    assertThat(mapsItsCache(sidecar)).isFalse();
    assertThat(log()).contains("AOT cache: not used: it could not be made here");
  }

  /** This one's release, whose java does nothing. */
  private Path unusableJdk() throws IOException {
    Path home = directory.resolve("jdk");
    Path java = Files.createDirectories(home.resolve("bin")).resolve("java");
    Files.copy(Path.of(System.getProperty("java.home"), "release"), home.resolve("release"));
    Files.writeString(java, "#!/bin/sh\nexit 1\n");
    Files.copy(java, java.resolveSibling("javac"));
    assertThat(java.toFile().setExecutable(true)).isTrue();
    assertThat(java.resolveSibling("javac").toFile().setExecutable(true)).isTrue();
    return home;
  }

  /** Another file in the place of the link to the one that was built. */
  private static void replace(Path file, byte[] content) throws IOException {
    Files.delete(file);
    Files.write(file, content);
  }

  private Process start(Map<String, String> environment) throws IOException {
    return start(environment, BOOTSTRAP);
  }

  private Process start(Map<String, String> environment, String configuration) throws IOException {
    Path bootstrap = Files.writeString(directory.resolve("bootstrap.yaml"), configuration);
    ProcessBuilder builder =
        new ProcessBuilder(
                copy.resolve("bin/handfast").toString(),
                "proxy",
                "-c",
                bootstrap.toString(),
                "-l",
                "debug")
            .directory(Path.of("/").toFile())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile());
    builder.environment().keySet().removeIf(name -> name.startsWith("HANDFAST_"));
    builder.environment().put("JAVA_HOME", System.getProperty("java.home"));
    builder.environment().putAll(environment);
    Process process = builder.start();
    processes.add(process);
    return process;
  }

  private String answer() throws Exception {
    return get(awaitLog(LISTENING), "/");
  }

  private static String get(Matcher address, String path) throws Exception {
    try (HttpClient http = HttpClient.newHttpClient()) {
      return http.send(
              HttpRequest.newBuilder(URI.create("http://" + address.group(1) + path)).build(),
              BodyHandlers.ofString())
          .body();
    }
  }

  private Matcher awaitLog(Pattern pattern) {
    return await().atMost(PATIENCE).until(() -> pattern.matcher(log()), Matcher::find);
  }

  private String log() throws IOException {
    return Files.readString(directory.resolve("log"), UTF_8);
  }

  private static boolean mapsItsCache(Process sidecar) throws IOException {
    return Files.readString(Path.of("/proc", Long.toString(sidecar.pid()), "maps"))
        .contains("/aot/");
  }

  /** Of a process' threads, whose names the kernel cuts, by proc_pid_stat(5). */
  private static Map<String, Integer> niceOf(long pid) throws IOException {
    Map<String, Integer> found = new TreeMap<>();
    try (Stream<Path> threads = Files.list(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads.toList()) {
        Matcher stat = STAT.matcher(read(thread.resolve("stat")));
        if (stat.matches()) {
          found.put(stat.group("name"), Integer.valueOf(stat.group("nice")));
        }
      }
    }
    return found;
  }

  /** Nothing of a thread that has ended. */
  private static String read(Path stat) throws IOException {
    try {
      return Files.readString(stat);
    } catch (IOException e) {
      if (Files.exists(stat)) {
        throw e;
      }
      return "";
    }
  }

  private Path onlyCache() throws IOException {
    return only(copy.resolve("aot"), "");
  }

  private Path onlyJar(String prefix) throws IOException {
    return only(copy.resolve("lib"), prefix);
  }

  /** Links need the same file system. */
  static final class BesideWhatWasBuilt implements TempDirFactory {
    @Override
    public Path createTempDirectory(AnnotatedElementContext element, ExtensionContext context)
        throws IOException {
      return Files.createTempDirectory(BUILT.getParent(), "package-");
    }
  }

  private static Path only(Path place, String prefix) throws IOException {
    try (Stream<Path> files = Files.list(place)) {
      List<Path> found =
          files
              .filter(it ->
                  it.getFileName().toString().matches(Pattern.quote(prefix) + ".*[.](cache|jar)"))
              .toList();
      assertThat(found).hasSize(1);
      return found.getFirst();
    }
  }
}
