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
  private final Wire wire;
  private final ResourceHandler handler;
  private final Reconnect reconnect;
  private final ScheduledExecutorService executor;
  private final LongSupplier nanoTime;
  private final StreamEvents events;
  private final Map<TimerKey, ScheduledFuture<?>> timers = new HashMap<>();

  private StreamMachine machine;
  private Wire.@Nullable Call call;
  private @Nullable ScheduledFuture<?> retry;

  /** Counts calls, so that what an old one says is not taken for the new one's. */
  private long calls;

  private long startedAt;
  private boolean opened;
  private boolean responded;
  private boolean closed;

  /**
   * A stream that is not begun.
   *
   * @param name of the server, for people
   * @param machines makes a machine that knows nothing
   */
  ServerStream(
      String name,
      Supplier<StreamMachine> machines,
      Wire wire,
      ResourceHandler handler,
      Reconnect reconnect,
      ClientRuntime runtime) {
    this.name = name;
    this.machines = machines;
    this.machine = machines.get();
    this.wire = wire;
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
    call = wire.open(new CallListener(++calls));
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
    if (call != null) {
      Wire.Call old = call;
      ended("another server has answered meanwhile");
      old.cancel("another server has answered meanwhile");
    }
  }

  void close() {
    closed = true;
    calls++;
    timers.values().forEach(timer -> timer.cancel(false));
    timers.clear();
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
    wire.close();
  }

  private void step(Event event) {
    machine.step(event).forEach(this::perform);
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
    handler
        .apply(update)
        .whenComplete((faults, failure) ->
            run(() -> {
              List<ResourceFault> all = failure == null ? faults : broken(update, failure);
              events.updated(
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
              step(new Event.TimerFired(timer));
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
    step(new Event.Closed(error));
    if (!responded) {
      handler.unreachable();
    }
  }

  private void run(Runnable task) {
    try {
      executor.execute(() -> {
        if (!closed) {
          task.run();
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
