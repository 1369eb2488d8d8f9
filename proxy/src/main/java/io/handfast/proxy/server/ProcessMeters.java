package io.handfast.proxy.server;

import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.binder.jvm.JvmGcMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmMemoryMetrics;
import io.micrometer.core.instrument.binder.jvm.JvmThreadMetrics;
import io.micrometer.core.instrument.binder.system.FileDescriptorMetrics;
import io.micrometer.core.instrument.binder.system.ProcessorMetrics;
import io.netty.buffer.PooledByteBufAllocator;

/**
 * Memory, collector, threads, processor and file descriptors of this process, under Micrometer's
 * names.
 */
final class ProcessMeters {

  private ProcessMeters() {}

  /** Registers them; what is returned ends the listening to the collector. */
  static Runnable bind(MeterRegistry registry) {
    new JvmMemoryMetrics().bindTo(registry);
    new JvmThreadMetrics().bindTo(registry);
    new ProcessorMetrics().bindTo(registry);
    new FileDescriptorMetrics().bindTo(registry);
    registry.gauge(
        "netty.pooled.direct.bytes",
        PooledByteBufAllocator.DEFAULT,
        allocator -> allocator.metric().usedDirectMemory());
    JvmGcMetrics collector = new JvmGcMetrics();
    collector.bindTo(registry);
    return collector::close;
  }
}
