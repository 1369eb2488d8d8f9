package io.handfast.proxy.crash;

import java.io.IOException;
import java.util.ArrayDeque;
import java.util.Deque;
import org.jspecify.annotations.Nullable;

/**
 * Meshes that run, for tests to use one after the other: as many as tests run side by side.
 * Thread-safe.
 */
final class MeshPool implements AutoCloseable {
  private final Deque<Mesh> idle = new ArrayDeque<>();
  private int started;

  /** One in which nothing is left to do. It is the caller's until {@link #giveBack}. */
  Mesh take() throws IOException {
    Mesh running = poll();
    return running == null ? start() : running;
  }

  /** Everything in it runs, and nothing is left to do: the next test may have it. */
  synchronized void giveBack(Mesh mesh) {
    idle.add(mesh);
  }

  private Mesh start() throws IOException {
    SidecarJvm jvm = Training.jvm();
    Mesh mesh = new Mesh(Training.HOME.resolve("mesh-" + next()), jvm, jvm);
    boolean runs = false;
    try {
      mesh.start();
      runs = true;
      return mesh;
    } finally {
      if (!runs) {
        mesh.close();
      }
    }
  }

  private synchronized @Nullable Mesh poll() {
    return idle.poll();
  }

  private synchronized int next() {
    return ++started;
  }

  /** Ends the meshes that nobody has. */
  @Override
  public synchronized void close() {
    idle.forEach(Mesh::close);
    idle.clear();
  }
}
