package io.handfast.k8s.controlplane;

import io.handfast.xds.resource.ResourceType;
import io.micrometer.core.instrument.Counter;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.Tags;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** What a control plane counts. Thread-safe. */
final class Meters {
  private static final String PREFIX = "handfast.control.plane.";

  private final Map<ResourceType<?>, OfType> byType = new HashMap<>();
  private final AtomicInteger streams;
  private final AtomicInteger refusedFiles;
  private final Counter changes;

  /** Those of one type. */
  private record OfType(
      AtomicInteger resources, Counter responses, Counter acknowledged, Counter refused) {}

  Meters(MeterRegistry registry) {
    for (ResourceType<?> type : ResourceType.ALL) {
      Tags tags = Tags.of("type", type.collection());
      byType.put(
          type,
          new OfType(
              gauge(registry, "resources", tags),
              registry.counter(PREFIX + "responses", tags),
              registry.counter(PREFIX + "acks", tags),
              registry.counter(PREFIX + "nacks", tags)));
    }
    streams = gauge(registry, "streams", Tags.empty());
    refusedFiles = gauge(registry, "refused.files", Tags.empty());
    changes = registry.counter(PREFIX + "changes");
  }

  private static AtomicInteger gauge(MeterRegistry registry, String name, Tags tags) {
    AtomicInteger value = new AtomicInteger();
    registry.gauge(PREFIX + name, tags, value);
    return value;
  }

  private OfType of(ResourceType<?> type) {
    OfType meters = byType.get(type);
    if (meters == null) {
      throw new IllegalArgumentException("type: " + type + " (expected: one of ResourceType.ALL)");
    }
    return meters;
  }

  void streams(int open) {
    streams.set(open);
  }

  void responded(ResourceType<?> type) {
    of(type).responses().increment();
  }

  void acknowledged(ResourceType<?> type) {
    of(type).acknowledged().increment();
  }

  void refused(ResourceType<?> type) {
    of(type).refused().increment();
  }

  void resources(ResourceType<?> type, int count) {
    of(type).resources().set(count);
  }

  void refusedFiles(int count) {
    refusedFiles.set(count);
  }

  void changed() {
    changes.increment();
  }
}
