package io.handfast.proxy.server;

import io.handfast.proxy.admin.LogLevels;
import io.netty.util.ResourceLeakDetector;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A sidecar as a process: until a signal or {@code /quitquitquit} ends it. */
public final class ProxyProcess {

  /** It was told to stop and did, or had nothing more to do. */
  private static final int OK = 0;

  private static final int CANNOT_START = 1;

  /** What SIGINT gives to what is in flight. */
  private static final Duration HURRY = Duration.ofSeconds(2);

  private static final Logger LOG = LoggerFactory.getLogger(ProxyProcess.class);

  /** What the main thread waits for. */
  private sealed interface Event {
    record Stop(String why, Duration drainTime) implements Event {}

    record Drained(boolean inTime) implements Event {}
  }

  /** Repeated signals beyond this say nothing new. */
  private static final int MAX_EVENTS = 16;

  private final BlockingQueue<Event> events = new ArrayBlockingQueue<>(MAX_EVENTS);
  private final SidecarOptions options;
  private final LogLevels logLevels;

  private ProxyProcess(SidecarOptions options, LogLevels logLevels) {
    this.options = options;
    this.logLevels = logLevels;
  }

  /**
   * Runs a sidecar to its end.
   *
   * @param initOnly ends it as soon as it has started
   * @return the exit code
   */
  public static int run(SidecarOptions options, LogLevels logLevels, boolean initOnly) {
    return new ProxyProcess(options, logLevels).run(initOnly);
  }

  private int run(boolean initOnly) {
    keepNoBufferTraces();
    Duration hurry = options.drainTime().compareTo(HURRY) < 0 ? options.drainTime() : HURRY;
    Signals.on("TERM", () -> events.offer(new Event.Stop("SIGTERM", options.drainTime())));
    Signals.on("INT", () -> events.offer(new Event.Stop("SIGINT", hurry)));
    LOG.info("starting: version={} pid={}", options.version(), ProcessHandle.current().pid());
    // What the launcher has found out: a JVM without its cache starts as well, and only later.
    LOG.debug("AOT cache: {}", System.getProperty("handfast.aot", "unknown to the launcher"));
    try (Sidecar sidecar = Sidecar.start(options, Ambient.system(), logLevels, this::quit)) {
      // As with Envoy: whoever has renamed the files of the access logs says so by this.
      Signals.on("USR1", sidecar::reopenLogs);
      if (!initOnly) {
        untilStopped(sidecar);
      }
    } catch (StartException e) {
      // On standard error whatever the level of the log: whoever started it has to read this.
      System.err.println("handfast proxy: cannot start: " + e.getMessage());
      return CANNOT_START;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    LOG.info("stopped");
    return OK;
  }

  /**
   * Netty keeps the stack of one buffer in 128, in search of leaks: 3 % of what a gRPC request
   * costs. Tests look at every buffer; here only who asks for it by the property.
   */
  private static void keepNoBufferTraces() {
    if (System.getProperty("io.netty.leakDetection.level") == null) {
      ResourceLeakDetector.setLevel(ResourceLeakDetector.Level.DISABLED);
    }
  }

  private void quit() {
    events.offer(new Event.Stop("/quitquitquit", options.drainTime()));
  }

  private void untilStopped(Sidecar sidecar) throws InterruptedException {
    Optional<String> draining = Optional.empty();
    while (true) {
      switch (events.take()) {
        case Event.Stop stop -> {
          if (draining.isPresent()) {
            LOG.warn("{} while draining since {}: closing now", stop.why(), draining.get());
            return;
          }
          LOG.info("{}: draining for at most {} s", stop.why(), stop.drainTime().toSeconds());
          draining = Optional.of(stop.why());
          sidecar
              .drain(stop.drainTime())
              .thenAccept(inTime -> events.offer(new Event.Drained(inTime)));
        }
        case Event.Drained drained -> {
          LOG.info("drained: everythingEnded={}", drained.inTime());
          return;
        }
      }
    }
  }
}
