package io.handfast.proxy.crash;

import java.io.IOException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.extension.AfterEachCallback;
import org.junit.jupiter.api.extension.BeforeEachCallback;
import org.junit.jupiter.api.extension.ExtensionContext;

/**
 * Gives a test a mesh that is its own while it runs. The mesh goes to the next test if this one
 * settled its orders, and is closed otherwise. All tests of a run take from one pool, so that a
 * test costs the start of the processes that it ends. Confined to the test's thread.
 */
final class MeshLease implements BeforeEachCallback, AfterEachCallback {
  private static final AtomicInteger ORDERS = new AtomicInteger();

  private @Nullable Mesh mesh;
  private boolean settled;

  @Override
  public void beforeEach(ExtensionContext context) throws IOException {
    mesh = pool(context).take();
  }

  @Override
  public void afterEach(ExtensionContext context) {
    if (settled) {
      pool(context).giveBack(mesh());
    } else if (mesh != null) {
      mesh.close();
    }
  }

  /** Closed by JUnit when the last test has ended. */
  private static MeshPool pool(ExtensionContext context) {
    return context
        .getRoot()
        .getStore(ExtensionContext.Namespace.GLOBAL)
        .getOrComputeIfAbsent(MeshPool.class, type -> new MeshPool(), MeshPool.class);
  }

  Mesh mesh() {
    if (mesh == null) {
      throw new IllegalStateException("no test is running");
    }
    return mesh;
  }

  /** An order that nobody has placed yet. */
  Order order(Order.Kind kind) {
    return Order.of("order-" + ORDERS.incrementAndGet(), kind);
  }

  /** {@link Settlement#check}, after which the mesh is as good as new. */
  void settle(Order order, Told told, boolean commits) {
    settled = false;
    Settlement.check(mesh(), order, told, commits);
    settled = true;
  }
}
