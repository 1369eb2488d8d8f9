package io.handfast.proxy.crash;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A first mesh, whose front sidecar records what starting and committing take, and all later ones
 * start from that record. Once per test run. Thread-safe.
 */
public final class Training {
  /** Where the meshes of this test run live; their logs stay there. */
  public static final Path HOME = home();

  private static @Nullable SidecarJvm trained;

  private Training() {}

  private static Path home() {
    try {
      Path parent = Path.of(System.getProperty("basedir", ""), "target", "crash").toAbsolutePath();
      return Files.createTempDirectory(Files.createDirectories(parent), "run-");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** A JVM with all crash points that starts quickly. */
  public static synchronized SidecarJvm jvm() {
    SidecarJvm ready = trained;
    if (ready == null) {
      try {
        ready = train();
      } catch (IOException | ExecutionException | TimeoutException e) {
        throw new IllegalStateException("the training failed", e);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        throw new IllegalStateException("the training was interrupted", e);
      }
      trained = ready;
    }
    return ready;
  }

  private static SidecarJvm train()
      throws IOException, InterruptedException, ExecutionException, TimeoutException {
    List<CrashPoint> points = new ArrayList<>(Scenario.POINTS);
    Stream.of(DiskFault.values()).map(DiskFault::point).forEach(points::add);
    SidecarJvm plain = SidecarJvm.of(CrashJar.write(HOME.resolve("crash.jar"), points));
    Path cache = HOME.resolve("sidecar.aot");
    try (Mesh mesh = new Mesh(HOME.resolve("training"), plain.recording(cache), plain)) {
      mesh.start();
      Order order = Order.of("training", Order.Kind.TICKETS);
      Settlement.check(mesh, order, Settlement.await(mesh.place(order)), true);
      SidecarProcess front = mesh.frontSidecar();
      front.terminate();
      if (front.awaitExit() != 0 || !Files.exists(cache)) {
        throw new AssertionError("no cache was recorded\n" + front.lastWords());
      }
      return plain.playing(cache);
    }
  }
}
