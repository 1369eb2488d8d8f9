package io.handfast.xds.stream;

import com.google.protobuf.Message;
import io.envoyproxy.envoy.service.discovery.v3.DeltaDiscoveryRequest;
import io.envoyproxy.envoy.service.discovery.v3.DiscoveryRequest;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Event;
import io.handfast.xds.protocol.Reconnect;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.protocol.TimerKey;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ConfigError;
import io.handfast.xds.resource.ResourceFault;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.ScheduledFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Keeps a stream to one server: opens it, does what its machine says, opens the next one. Confined
 * to the executor, which runs one task at a time.
 */
final class ServerStream {

  private static final Logger log = LoggerFactory.getLogger(ServerStream.class);

  private final String name;
  private final Supplier<StreamMachine> machines;
  private final Supplier<Wire> wires;
  private final Owner handler;
  private final Reconnect reconnect;
  private final ScheduledExecutorService executor;
  private final LongSupplier nanoTime;
  private final StreamEvents events;
  private final Map<TimerKey, ScheduledFuture<?>> timers = new HashMap<>();

  private StreamMachine machine;
  private @Nullable Wire wire;
  private Wire.@Nullable Call call;
  private final Duration connectTimeout;
  private @Nullable ScheduledFuture<?> retry;
  private @Nullable ScheduledFuture<?> connecting;

  /** Counts calls, so that what an old one says is not taken for the new one's. */
  private long calls;

  private long startedAt;
  private boolean opened;
  private boolean responded;
  private boolean closed;

  /** Whose stream it is. */
  interface Owner extends ResourceHandler {

    /** The stream ended before the server has said anything, and something is held by nobody. */
    void silent(String error);
  }

  /**
   * A stream that is not begun.
   *
   * @param machines makes a machine that knows nothing
   */
  ServerStream(
      XdsClient.Server server,
      Supplier<StreamMachine> machines,
      Owner handler,
      Reconnect reconnect,
      ClientRuntime runtime) {
    this.name = server.name();
    this.machines = machines;
    this.machine = machines.get();
    this.wires = server.wire();
    this.connectTimeout = server.connectTimeout();
    this.handler = handler;
    this.reconnect = reconnect;
    this.executor = runtime.executor();
    this.nanoTime = runtime.nanoTime();
    this.events = runtime.events();
  }

  void connect() {
    if (closed) {
      return;
    }
    retry = null;
    opened = false;
    responded = false;
    startedAt = nanoTime.getAsLong();
    try {
      if (wire == null) {
        wire = wires.get();
      }
      call = wire.open(new CallListener(++calls));
      connecting = executor.schedule(this::giveUp, connectTimeout.toNanos(), TimeUnit.NANOSECONDS);
    } catch (RuntimeException e) {
      ended("no call can be begun: " + e);
    }
  }

  /** Somebody has taken the connection, and said nothing since. */
  private void giveUp() {
    if (call != null && !opened) {
      cancel("no connection within " + connectTimeout.toMillis() + " ms");
    }
  }

  private void cancel(String reason) {
    if (call != null) {
      Wire.Call old = call;
      ended(reason);
      old.cancel(reason);
    }
  }

  private void stopConnecting() {
    if (connecting != null) {
      connecting.cancel(false);
      connecting = null;
    }
  }

  void subscribe(Event.Subscribed interest) {
    step(interest);
  }

  /** Forgets every version: what it told does not hold any more. */
  void renew(Iterable<Event.Subscribed> interests) {
    machine = machines.get();
    timers.values().forEach(timer -> timer.cancel(false));
    timers.clear();
    interests.forEach(machine::step);
    cancel("another server has answered meanwhile");
  }

  void close() {
    closed = true;
    calls++;
    timers.values().forEach(timer -> timer.cancel(false));
    timers.clear();
    stopConnecting();
    if (retry != null) {
      retry.cancel(false);
    }
    if (call != null) {
      call.cancel("shut down");
      call = null;
    }
    if (opened) {
      events.connected(name, false);
    }
    if (wire != null) {
      wire.close();
    }
  }

  private void step(Event event) {
    machine.step(event).forEach(this::perform);
  }

  /** Runs what came from outside: a bug in it must not silence the stream for good. */
  private void guarded(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException e) {
      log.error("{}: internal error, the stream is begun anew", name, e);
      cancel("internal error: " + e);
    }
  }

  private void perform(Effect effect) {
    switch (effect) {
      case Effect.Send(Message request) -> send(request);
      case Effect.ReadNext() -> {
        if (call != null) {
          call.readNext();
        }
      }
      case Effect.Deliver(Update update) -> deliver(update);
      case Effect.StartTimer(TimerKey timer, Duration delay) -> startTimer(timer, delay);
      case Effect.CancelTimer(TimerKey timer) -> cancelTimer(timer);
      case Effect.Lost lost -> handler.lost(lost);
      case Effect.Failed failed -> handler.failed(failed);
      case Effect.Ignored(String typeUrl) ->
          log.warn("{}: response of a type that was not asked for: {}", name, typeUrl);
    }
  }

  private void send(Message request) {
    if (call == null) {
      return;
    }
    call.send(request);
    switch (request) {
      case DeltaDiscoveryRequest delta when !delta.getResponseNonce().isEmpty() ->
          events.answered(name, delta.getTypeUrl(), delta.hasErrorDetail());
      case DiscoveryRequest sotw when !sotw.getResponseNonce().isEmpty() ->
          events.answered(name, sotw.getTypeUrl(), sotw.hasErrorDetail());
      default -> {}
    }
  }

  private void deliver(Update update) {
    StreamMachine receiver = machine;
    apply(update)
        .whenComplete((faults, failure) ->
            run(() -> {
              List<ResourceFault> all = failure == null ? faults : broken(update, failure);
              events.updated(
                  name,
                  update.type(),
                  update.changed().size() - all.size(),
                  all.size() + update.faults().size());
              all.forEach(fault -> log.warn("{}: refused: {}", name, fault));
              update.faults().forEach(fault -> log.warn("{}: refused: {}", name, fault));
              if (receiver == machine) {
                step(new Event.Applied(update, all));
              }
            }));
  }

  private CompletionStage<List<ResourceFault>> apply(Update update) {
    try {
      return handler.apply(update);
    } catch (RuntimeException e) {
      return CompletableFuture.failedStage(e);
    }
  }

  /** A bug in applying must not stop the stream, nor count as taken. */
  private List<ResourceFault> broken(Update update, Throwable failure) {
    log.error("{}: {} could not be applied", name, update.type(), failure);
    ConfigError error = new ConfigError(update.type().collection(), "internal error: " + failure);
    List<ResourceFault> faults =
        update.changed().stream()
            .map(each -> new ResourceFault(each.name(), List.of(error)))
            .toList();
    return faults.isEmpty() ? List.of(new ResourceFault("", List.of(error))) : faults;
  }

  private void startTimer(TimerKey timer, Duration delay) {
    cancelTimer(timer);
    timers.put(
        timer,
        executor.schedule(
            () -> {
              timers.remove(timer);
              guarded(() -> step(new Event.TimerFired(timer)));
            },
            delay.toNanos(),
            TimeUnit.NANOSECONDS));
  }

  private void cancelTimer(TimerKey timer) {
    ScheduledFuture<?> running = timers.remove(timer);
    if (running != null) {
      running.cancel(false);
    }
  }

  private void ended(String error) {
    stopConnecting();
    call = null;
    calls++;
    Duration lasted = Duration.ofNanos(nanoTime.getAsLong() - startedAt);
    Duration delay = reconnect.delay(responded, lasted);
    log.warn("{}: stream closed: {}; next attempt in {} ms", name, error, delay.toMillis());
    if (opened) {
      events.connected(name, false);
    }
    opened = false;
    retry = executor.schedule(this::connect, delay.toNanos(), TimeUnit.NANOSECONDS);
    List<Effect> effects = machine.step(new Event.Closed(error));
    effects.forEach(this::perform);
    if (effects.stream().anyMatch(ServerStream::isUncached)) {
      handler.silent(error);
    }
    if (!responded) {
      handler.unreachable();
    }
  }

  private static boolean isUncached(Effect effect) {
    return effect instanceof Effect.Failed failed && !failed.uncached().isEmpty();
  }

  private void run(Runnable task) {
    try {
      executor.execute(() -> {
        if (!closed) {
          guarded(task);
        }
      });
    } catch (RejectedExecutionException shutDown) {
      log.debug("{}: told after the end", name);
    }
  }

  /** Brings what happens to a call to the executor. */
  private final class CallListener implements Wire.Listener {

    private final long number;

    CallListener(long number) {
      this.number = number;
    }

    private void runIfCurrent(Runnable task) {
      run(() -> {
        if (number == calls) {
          task.run();
        }
      });
    }

    @Override
    public void ready() {
      runIfCurrent(() -> {
        if (!opened) {
          opened = true;
          stopConnecting();
          events.connected(name, true);
          log.info("{}: connected", name);
          step(new Event.Opened());
        }
      });
    }

    @Override
    public void received(Message response) {
      runIfCurrent(() -> {
        responded = true;
        step(new Event.Received(response));
      });
    }

    @Override
    public void closed(String error) {
      runIfCurrent(() -> ended(error));
    }
  }
}
