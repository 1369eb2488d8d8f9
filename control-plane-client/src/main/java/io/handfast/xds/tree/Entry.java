package io.handfast.xds.tree;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.config.core.v3.ConfigSource;
import io.handfast.xds.resource.Offered;
import org.jspecify.annotations.Nullable;

/**
 * What is held of one name: the newest version that was accepted, and the one that serves. Confined
 * to its tree; changed by {@link Holdings} alone, which counts what the versions name.
 */
final class Entry {

  /**
   * A version with what it names.
   *
   * @param source where it came from
   */
  record Version(Offered<? extends Message> offered, References references, ConfigSource source) {}

  /** Whether it is of the bootstrap: no server replaces or removes it. */
  final boolean isStatic;

  /** Null once it is deleted. */
  private @Nullable Version latest;

  /** Null until everything that it names is there. */
  private @Nullable Version active;

  private boolean pending;
  private long since;

  Entry(boolean isStatic) {
    this.isStatic = isStatic;
  }

  @Nullable Version latest() {
    return latest;
  }

  @Nullable Version active() {
    return active;
  }

  /**
   * Since when there has been a newer version than the one that serves, or none: newer ones still
   * do not put off what is due. By the clock of the tree.
   */
  long since() {
    return since;
  }

  /** Whether the newest version does not serve yet, or a deleted one still does. */
  boolean isPending() {
    return pending;
  }

  /** Whether nothing is left of it. */
  boolean isGone() {
    return latest == null && active == null;
  }

  void offer(Version next, long now) {
    if (!pending || latest == null) {
      since = now;
    }
    latest = next;
    pending = true;
  }

  void delete(long now) {
    since = pending && latest == null ? Math.min(since, now) : now;
    latest = null;
    pending = true;
  }

  /** Serves though it is not the newest: what comes is not ready. */
  void serve(Version earlier) {
    active = earlier;
  }

  void promote() {
    active = latest;
    pending = false;
  }
}
