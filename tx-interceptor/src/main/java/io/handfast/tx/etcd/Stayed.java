package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.handfast.tx.port.EngineLoop;
import java.time.Duration;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Set;

/**
 * For how long records have stood, since this sidecar has seen them first: no clock is compared
 * with another's. Confined to the engine's loop.
 */
final class Stayed {
  private final EngineLoop loop;
  private final Duration time;
  private final Map<ByteSequence, Long> since = new HashMap<>();
  private final Set<ByteSequence> seen = new HashSet<>();

  Stayed(EngineLoop loop, Duration time) {
    this.loop = loop;
    this.time = time;
  }

  /** Whether it was seen for longer than that time. */
  boolean hasStayed(ByteSequence key) {
    seen.add(key);
    long now = loop.nanoTime();
    Long first = since.putIfAbsent(key, now);
    return first != null && now - first > time.toNanos();
  }

  /** All that stand were asked for: what was not is gone. */
  void looked() {
    since.keySet().retainAll(seen);
    seen.clear();
  }
}
