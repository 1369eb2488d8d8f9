package io.handfast.proxy.crash;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * How a sidecar's process is started: the jars that are shipped, behind one with the crash points.
 * Immutable.
 *
 * @param flags of the JVM
 */
public record SidecarJvm(String classPath, List<String> flags) {

  public SidecarJvm {
    flags = List.copyOf(flags);
  }

  /**
   * As shipped, but quick to start.
   *
   * @throws IOException if the jars have not been built
   */
  static SidecarJvm of(Path crashJar) throws IOException {
    // Set by the build; in an IDE the working directory is the module's.
    Path lib = Path.of(System.getProperty("basedir", ""), "target/handfast/lib").toAbsolutePath();
    if (!Files.isDirectory(lib)) {
      throw new IOException(lib + ": no such directory (expected: what ./mvnw package leaves)");
    }
    try (Stream<Path> jars = Files.list(lib)) {
      String classPath =
          Stream.concat(Stream.of(crashJar), jars.sorted())
              .map(Path::toString)
              .collect(Collectors.joining(File.pathSeparator));
      return new SidecarJvm(
          classPath,
          List.of(
              "-XX:+UseSerialGC",
              "-XX:TieredStopAtLevel=1",
              "-XX:CompileThresholdScaling=10",
              "-Dio.netty.jfr.enabled=false",
              "-Xms24m",
              "-Xmx128m",
              "--enable-native-access=ALL-UNNAMED",
              "--sun-misc-unsafe-memory-access=allow"));
    }
  }

  /** The same, which writes what it has learnt to a cache when it is told to end. */
  SidecarJvm recording(Path cache) {
    return plus("-XX:AOTCacheOutput=" + cache);
  }

  /** The same with such a cache, as the launcher starts what is shipped: classes come linked. */
  SidecarJvm playing(Path cache) {
    return plus("-XX:AOTCache=" + cache);
  }

  private SidecarJvm plus(String flag) {
    List<String> more = new ArrayList<>(flags);
    more.add(flag);
    return new SidecarJvm(classPath, more);
  }

  /**
   * The command line of {@code handfast}.
   *
   * @param directory the crash hook's
   */
  List<String> command(Path directory, List<String> arguments) {
    List<String> command = new ArrayList<>();
    command.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
    command.addAll(flags);
    command.add("-D" + CrashHook.DIRECTORY + "=" + directory);
    command.addAll(List.of("-cp", classPath, "io.handfast.proxy.cli.Main"));
    command.addAll(arguments);
    return command;
  }
}
