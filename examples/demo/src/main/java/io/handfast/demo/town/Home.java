package io.handfast.demo.town;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * What the checkout holds: the built jars and the mesh's files, and the command lines that run
 * them.
 *
 * @param root the checkout
 * @param java the {@code java} that runs the demo, and everything else
 * @param aotCache with which a sidecar starts sooner, where the launcher has one
 * @param bankCache the same for the bank's services
 */
public record Home(Path root, Path java, Optional<Path> aotCache, Optional<Path> bankCache) {
  private static final List<String> SERVICE_FLAGS =
      List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xms24m", "-Xmx128m");

  /** As system properties; {@code OTEL_…} in the environment would do as well. */
  private static final Map<String, String> AGENT =
      new TreeMap<>(
          Map.of(
              "instrumentation.common.db.experimental.sqlcommenter.enabled", "true",
              "traces.exporter", "none",
              "metrics.exporter", "none",
              "logs.exporter", "none",
              "instrumentation.common.default-enabled", "false",
              "instrumentation.jdbc.enabled", "true",
              "instrumentation.java-http-client.enabled", "true",
              "instrumentation.java-http-server.enabled", "true",
              "javaagent.logging", "none"));

  /** Netty and protobuf load natives and use Unsafe: allowed, so that JDK 25 does not warn. */
  private static final List<String> NATIVE_ACCESS =
      List.of("--enable-native-access=ALL-UNNAMED", "--sun-misc-unsafe-memory-access=allow");

  /**
   * As the launcher's, but for a quick start, since each sidecar of the demo lives seconds: what
   * runs a thousand times is compiled, not what runs a hundred times or was in the training.
   */
  private static final List<String> SIDECAR_FLAGS =
      List.of(
          "-XX:+UseSerialGC",
          "-XX:+UseCompactObjectHeaders",
          "-XX:TieredStopAtLevel=1",
          "-XX:CompileThresholdScaling=10",
          "-Dio.netty.jfr.enabled=false",
          "-Xms24m",
          "-Xmx256m");

  public static Home at(Path root, Optional<Path> aotCache, Optional<Path> bankCache)
      throws IOException {
    Path java = Path.of(System.getProperty("java.home"), "bin", "java").toAbsolutePath();
    Home home = new Home(root, java, aotCache, bankCache);
    for (Path needed : List.of(home.bankLib(), home.agent(), home.proxyLib(), home.mesh())) {
      if (!Files.exists(needed)) {
        throw new IOException(
            needed
                + ": not there (expected: a checkout with everything built; ./handfast demo builds it)");
      }
    }
    return home;
  }

  private Path bankLib() {
    return root.resolve("examples/bank/target/bank/lib");
  }

  private Path agent() {
    return root.resolve("examples/bank/target/bank/agent/opentelemetry-javaagent.jar");
  }

  private Path proxyLib() {
    return root.resolve("proxy/target/handfast/lib");
  }

  private Path mesh() {
    return root.resolve("examples/bank/mesh");
  }

  /** A cache in the build's own directory: unpacking PostgreSQL takes seconds. */
  Path postgresBinaries() {
    return root.resolve("target/postgres");
  }

  /** Audit has no database, and one file for either bank. */
  Path meshFile(Ports.Member member, Kind kind) {
    boolean plain = kind == Kind.DATABASE && member != Ports.Member.AUDIT;
    return mesh().resolve((plain ? "database/" : "") + member.title + ".yaml");
  }

  /** {@code BANK_JAVA_OPTS} replaces the JVM's flags, as {@code HANDFAST_JAVA_OPTS} a sidecar's. */
  List<String> service(String main, List<String> options, Map<String, String> environment) {
    String given = environment.getOrDefault("BANK_JAVA_OPTS", "");
    if (!given.isBlank()) {
      return bank(List.of(given.strip().split("\\s+")), main, options);
    }
    List<String> flags = new ArrayList<>(SERVICE_FLAGS);
    bankCache.ifPresent(cache -> flags.addAll(playing(cache)));
    return bank(flags, main, options);
  }

  /**
   * A service of the bank in plain SQL, with OpenTelemetry's agent: what a team switches on to have
   * SQL comments, nothing sent anywhere, and of the instrumentations those that this service needs,
   * for a quick start. With an agent there is no AOT cache.
   */
  List<String> serviceWithAgent(
      String main, List<String> options, Map<String, String> environment) {
    String given = environment.getOrDefault("BANK_JAVA_OPTS", "");
    List<String> flags =
        new ArrayList<>(given.isBlank() ? SERVICE_FLAGS : List.of(given.strip().split("\\s+")));
    flags.add("-javaagent:" + agent());
    AGENT.forEach((name, value) -> flags.add("-Dotel." + name + "=" + value));
    return bank(flags, main, options);
  }

  /** Runs the bank's services in one process, which writes a cache for them. */
  List<String> training(Path cache, List<String> urls) {
    List<String> flags = new ArrayList<>(SERVICE_FLAGS);
    flags.add("-XX:AOTCacheOutput=" + cache);
    return bank(flags, "Training", urls);
  }

  private List<String> bank(List<String> flags, String main, List<String> options) {
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    command.addAll(flags);
    command.addAll(NATIVE_ACCESS);
    command.addAll(List.of("-cp", bankLib() + "/*", "io.handfast.example.bank." + main));
    command.addAll(options);
    return command;
  }

  private static List<String> playing(Path cache) {
    return List.of("-XX:AOTCache=" + cache, "-Xlog:aot*=off,cds*=off");
  }

  /** Runs {@code handfast init}. */
  List<String> init(List<String> options) {
    List<String> command = new ArrayList<>(List.of("init"));
    command.addAll(options);
    return cli(command);
  }

  /** Runs a subcommand that lives no longer than what it does. */
  List<String> cli(List<String> options) {
    List<String> command = new ArrayList<>(List.of(java.toString()));
    command.addAll(SIDECAR_FLAGS);
    aotCache.ifPresent(cache -> command.addAll(playing(cache)));
    command.addAll(NATIVE_ACCESS);
    command.addAll(List.of("-cp", proxyLib() + "/*", "io.handfast.proxy.cli.Main"));
    command.addAll(options);
    return command;
  }

  /** Runs {@code handfast proxy} without the launcher, so that the process is the JVM itself. */
  List<String> sidecar(Path config, Map<String, String> environment) {
    String options = environment.getOrDefault("HANDFAST_JAVA_OPTS", "");
    List<String> command = new ArrayList<>();
    command.add(java.toString());
    if (options.isBlank()) {
      command.addAll(SIDECAR_FLAGS);
      aotCache.ifPresent(cache -> command.addAll(playing(cache)));
    } else {
      command.addAll(List.of(options.strip().split("\\s+")));
    }
    command.addAll(NATIVE_ACCESS);
    command.addAll(List.of("-Dhandfast.home=" + root, "-cp", proxyLib() + "/*"));
    command.addAll(List.of("io.handfast.proxy.cli.Main", "proxy", "-c", config.toString()));
    // They share the machine with all the others: more loops would only wake each other.
    command.addAll(List.of("--concurrency", "1"));
    return command;
  }
}
