package io.handfast.k8s.controlplane;

import io.grpc.Server;
import io.grpc.netty.NettyServerBuilder;
import io.handfast.k8s.controlplane.snapshot.Snapshot;
import io.handfast.k8s.controlplane.source.Findings;
import io.handfast.k8s.controlplane.source.ResourceSource;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.InvalidConfigException;
import io.handfast.xds.resource.ResourceName;
import io.handfast.xds.resource.ResourceType;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.net.InetSocketAddress;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A control plane that runs: what its source has is what every client sees. As long as the source
 * has never had anything nobody is answered, so that a directory that is not filled yet takes
 * nothing away from sidecars that came from another control plane. Thread-safe.
 */
public final class ControlPlane implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(ControlPlane.class);

  /** Bound of names in one line of the log. */
  private static final int MAX_NAMES = 20;

  /** Bound of errors in one line of the log. */
  private static final int MAX_ERRORS = 10;

  /** How long clients have to take leave. */
  private static final long LEAVE_SECONDS = 2;

  private final ScheduledThreadPoolExecutor executor =
      new ScheduledThreadPoolExecutor(
          1, Thread.ofPlatform().name("handfast-control-plane").daemon().factory());
  private final ResourceSource source;
  private final Meters meters;
  private final DiscoveryServices services;
  private final InetSocketAddress address;
  private final Server server;
  private final AtomicBoolean closed = new AtomicBoolean();
  private volatile Findings now = new Findings(Snapshot.EMPTY, Map.of(), List.of());

  private ControlPlane(ResourceSource source, ServerSettings settings, MeterRegistry registry)
      throws IOException {
    // What waits for a client has nothing to wait for at the end.
    executor.setExecuteExistingDelayedTasksAfterShutdownPolicy(false);
    this.source = source;
    this.address = settings.address();
    this.meters = new Meters(registry);
    this.services = new DiscoveryServices(meters, executor);
    NettyServerBuilder builder = ServerBuilders.of(settings, executor).executor(executor);
    services.definitions().forEach(builder::addService);
    this.server = builder.build();
  }

  /**
   * Reads the source, and serves.
   *
   * @param registry takes what is counted
   * @throws InvalidConfigException if anything of the source cannot be used: what it was before is
   *     not known, and whoever holds it would lose it
   * @throws IOException if it cannot listen, or certificates cannot be used
   */
  public static ControlPlane start(
      ResourceSource source, ServerSettings settings, MeterRegistry registry)
      throws InvalidConfigException, IOException {
    ControlPlane controlPlane = new ControlPlane(source, settings, registry);
    try {
      controlPlane.begin();
      return controlPlane;
    } catch (InvalidConfigException | IOException | RuntimeException e) {
      controlPlane.close();
      throw e;
    }
  }

  private void begin() throws InvalidConfigException, IOException {
    // On the thread that changes come to as well, and so before the first of them.
    Future<?> first =
        executor.submit(() -> {
          Findings found = source.start(this::later);
          listen();
          publish(found);
          return found;
        });
    try {
      first.get();
    } catch (ExecutionException e) {
      switch (e.getCause()) {
        case InvalidConfigException wrong -> throw wrong;
        case IOException failure -> throw failure;
        case null -> throw new IllegalStateException(e);
        case Throwable other -> throw new IllegalStateException(other);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new InterruptedIOException("interrupted while the resources were read");
    }
  }

  private void listen() throws IOException {
    try {
      server.start();
    } catch (IOException e) {
      Throwable reason = e;
      while (reason.getCause() != null) {
        reason = reason.getCause();
      }
      throw new IOException(
          Addresses.text(address)
              + ": "
              + reason.getMessage()
              + " (expected: an address of this"
              + " host, and a port that is free)",
          e);
    }
  }

  private void later(Findings next) {
    try {
      executor.execute(() -> publish(next));
    } catch (RejectedExecutionException e) {
      LOG.debug("a change came after the end");
    }
  }

  private void publish(Findings next) {
    Findings before = now;
    now = next;
    tell(before, next);
    ResourceType.ALL.forEach(type -> meters.resources(type, next.snapshot().all(type).size()));
    meters.refusedFiles(next.refused().size());
    boolean changed = !next.snapshot().isSame(before.snapshot());
    if (changed) {
      meters.changed();
      LOG.info(
          "serving: {} changed={} removed={}",
          next.snapshot(),
          names(next.snapshot().changedSince(before.snapshot())),
          names(next.snapshot().removedSince(before.snapshot())));
      services.publish(next.snapshot());
    } else if (next.snapshot().isEmpty()) {
      LOG.warn("nothing to serve, and nobody is answered (expected: a file with a resource)");
    }
  }

  /** What is wrong or doubtful now and was not before, and what is right again. */
  private static void tell(Findings before, Findings next) {
    next.refused()
        .forEach((file, errors) -> {
          if (!errors.equals(before.refused().get(file))) {
            LOG.warn("file refused, what it said before is served: {}", sentence(file, errors));
          }
        });
    before.refused().keySet().stream()
        .filter(file -> !next.refused().containsKey(file))
        .forEach(file -> LOG.info("file no longer refused: {}", file));
    next.warnings().stream()
        .filter(warning -> !before.warnings().contains(warning))
        .forEach(warning -> LOG.warn("{}", warning));
  }

  private static String sentence(String file, List<ConfigError> errors) {
    String text =
        errors.stream()
            .limit(MAX_ERRORS)
            .map(ConfigError::toString)
            .collect(Collectors.joining("; "));
    return file
        + ", "
        + errors.size()
        + (errors.size() == 1 ? " error: " : " errors: ")
        + text
        + (errors.size() > MAX_ERRORS ? "; …" : "");
  }

  private static String names(Set<ResourceName> names) {
    String listed =
        names.stream()
            .limit(MAX_NAMES)
            .map(ResourceName::toString)
            .collect(Collectors.joining(", "));
    return "[" + listed + (names.size() > MAX_NAMES ? ", … " + names.size() + " in all" : "") + "]";
  }

  /** What is served, and what is not. */
  public Findings findings() {
    return now;
  }

  /** Where clients reach it. */
  public InetSocketAddress address() {
    return (InetSocketAddress) server.getListenSockets().getFirst();
  }

  /** Ends every stream; clients go on with what they have. */
  @Override
  public void close() {
    if (closed.getAndSet(true)) {
      return;
    }
    source.close();
    server.shutdown();
    executor.execute(services::end);
    try {
      if (!server.awaitTermination(LEAVE_SECONDS, TimeUnit.SECONDS)) {
        server.shutdownNow().awaitTermination(LEAVE_SECONDS, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      server.shutdownNow();
      Thread.currentThread().interrupt();
    } finally {
      executor.shutdown();
    }
  }
}
