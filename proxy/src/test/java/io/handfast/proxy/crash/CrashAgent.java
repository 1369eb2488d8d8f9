package io.handfast.proxy.crash;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.instrument.Instrumentation;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.jar.Attributes;
import java.util.jar.JarEntry;
import java.util.jar.JarOutputStream;
import java.util.jar.Manifest;
import org.jspecify.annotations.Nullable;

/**
 * A Java agent that ends the process, as {@code kill -9} would, where a named method begins or
 * returns: {@code -javaagent:JAR=DIRECTORY}. The directory's file {@code points} names the places,
 * one {@code CLASS#METHOD:entry|exit} a line. None of them does anything until the file {@code
 * armed} names one, with how often it lets the process pass: {@code POINT PASSES}. A process that
 * dies there has renamed that file to {@code hit}, so that no other death is taken for it.
 *
 * <p>A point that names no method ends the process with {@link #NO_SUCH_METHOD} when its class is
 * loaded, so that a renamed method fails the test that meant it. Thread-safe.
 */
public final class CrashAgent {
  /** What a process killed by SIGKILL reports. */
  static final int KILLED = 137;

  static final int NO_SUCH_METHOD = 3;

  private static final String POINTS = "points";
  private static final String ARMED = "armed";
  private static final String HIT = "hit";

  private static final AtomicInteger passes = new AtomicInteger();
  private static volatile @Nullable Path directory;

  private CrashAgent() {}

  /** Called by the JVM. */
  public static void premain(String argument, Instrumentation instrumentation) throws IOException {
    Path given = Path.of(argument);
    List<CrashPoint> points =
        Files.readAllLines(given.resolve(POINTS)).stream().map(CrashPoint::parse).toList();
    directory = given;
    instrumentation.addTransformer(new CrashTransformer(points));
  }

  /** Called by the instrumented methods: ends the process if this point is the armed one. */
  public static void reached(String point) {
    Path given = directory;
    if (given == null || !Files.exists(given.resolve(ARMED))) {
      return;
    }
    try {
      String[] armed = Files.readString(given.resolve(ARMED)).split(" ", 2);
      if (armed[0].equals(point) && passes.getAndIncrement() >= Integer.parseInt(armed[1])) {
        Files.move(given.resolve(ARMED), given.resolve(HIT), StandardCopyOption.REPLACE_EXISTING);
        Runtime.getRuntime().halt(KILLED);
      }
    } catch (IOException e) {
      // The agent runs in methods that know nothing of it: a surprise here must end the test.
      throw new UncheckedIOException(e);
    }
  }

  /** Writes what {@link #premain} reads. */
  static void layOut(Path directory, List<CrashPoint> points) throws IOException {
    Files.createDirectories(directory);
    Files.write(directory.resolve(POINTS), points.stream().map(CrashPoint::toString).toList());
  }

  /**
   * Makes a point deadly, also in a process that runs; once in its life.
   *
   * @param passes how often the point is passed unharmed first
   */
  static void arm(Path directory, CrashPoint point, int passes) throws IOException {
    disarm(directory);
    // Moved into place, so that no process reads half of it.
    Path whole = Files.writeString(directory.resolve("arming"), point + " " + passes);
    Files.move(whole, directory.resolve(ARMED), StandardCopyOption.ATOMIC_MOVE);
  }

  static void disarm(Path directory) throws IOException {
    Files.deleteIfExists(directory.resolve(ARMED));
    Files.deleteIfExists(directory.resolve(HIT));
  }

  /** Whether a process died at the armed point. */
  static boolean hit(Path directory) {
    return Files.exists(directory.resolve(HIT));
  }

  /** Writes the agent as a jar, from the classes of this test. */
  static Path writeJar(Path directory) throws IOException {
    Manifest manifest = new Manifest();
    manifest.getMainAttributes().put(Attributes.Name.MANIFEST_VERSION, "1.0");
    manifest.getMainAttributes().putValue("Premain-Class", CrashAgent.class.getName());
    Path jar = directory.resolve("crash-agent.jar");
    try (OutputStream file = Files.newOutputStream(jar);
        JarOutputStream out = new JarOutputStream(file, manifest)) {
      for (Class<?> type :
          List.of(
              CrashAgent.class,
              CrashPoint.class,
              CrashTransformer.class,
              CrashTransformer.AtEntry.class)) {
        String name = type.getName().replace('.', '/') + ".class";
        out.putNextEntry(new JarEntry(name));
        try (var bytes = CrashAgent.class.getClassLoader().getResourceAsStream(name)) {
          if (bytes == null) {
            throw new IOException(name + ": not on the class path");
          }
          bytes.transferTo(out);
        }
      }
    }
    return jar;
  }
}
