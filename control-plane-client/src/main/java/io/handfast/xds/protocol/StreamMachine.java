package io.handfast.xds.protocol;

import com.google.protobuf.Message;
import com.google.rpc.Status;
import io.envoyproxy.envoy.config.core.v3.Node;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import io.handfast.xds.resource.XdstpName;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * The client's side of xDS streams to one server, one after the other: subscriptions, versions,
 * nonces, ACK and NACK. The two kinds of stream, {@link DeltaMachine} and {@link SotwMachine},
 * differ in what they send and in what an omission means; everything else is here.
 *
 * <pre>{@code
 *             Opened                      Received           Applied
 * disconnected -----> connected (reading) --------> applying --------> connected (reading)
 *      ^                  |                            |
 *      '------Closed------+----------------------------'   versions and subscriptions stay
 * }</pre>
 *
 * <p>Deterministic and confined to its caller's thread; it changes itself rather than copying maps
 * of thousands of names for each response. Randomness comes in by the constructor, time by {@link
 * Event.TimerFired}.
 */
public abstract sealed class StreamMachine permits DeltaMachine, SotwMachine {

  /** The name that stands for everything of a type. */
  public static final String WILDCARD = "*";

  private final Options options;
  private final Map<String, TypeState> types = new LinkedHashMap<>();
  private final Timers timers = new Timers(effect -> this.effects.add(effect));
  private final Sieve sieve;

  private List<Effect> effects = new ArrayList<>();
  private boolean connected;
  private boolean nodeSent;
  private boolean responded;
  private long stream;

  /**
   * What a machine is made with.
   *
   * @param node who asks
   * @param nodeOnce whether only the first request of a stream says so ({@code
   *     set_node_on_first_message_only}); there are servers that look for it in each
   * @param types the types that the streams carry, in the order in which they are asked for
   * @param nackSpacing how NACKs in a row of one type are spaced
   * @param failOnDataErrors whether a resource that the server reports an error of is dropped,
   *     instead of kept as it was (A88)
   */
  public record Options(
      Node node,
      boolean nodeOnce,
      List<ResourceType<?>> types,
      Backoff.Policy nackSpacing,
      boolean failOnDataErrors) {

    public Options {
      types = List.copyOf(types);
    }
  }

  /**
   * A machine that has seen no stream.
   *
   * @param versionsAreOfResources whether an equal version tells that a resource is the same
   */
  StreamMachine(Options options, boolean versionsAreOfResources, RandomGenerator random) {
    this.options = options;
    this.sieve =
        new Sieve(
            options.failOnDataErrors(),
            versionsAreOfResources,
            this::omitted,
            timers,
            effect -> this.effects.add(effect));
    for (ResourceType<?> type : options.types()) {
      types.put(type.typeUrl(), new TypeState(type, new Backoff(options.nackSpacing(), random)));
    }
  }

  /**
   * What is to be done now that this has happened.
   *
   * @throws IllegalArgumentException if the event cannot be of this machine, which is a bug
   */
  public final List<Effect> step(Event event) {
    effects = new ArrayList<>();
    switch (event) {
      case Event.Opened e -> opened();
      case Event.Closed e -> closed(e.error());
      case Event.Subscribed e -> subscribed(e);
      case Event.Received e -> received(e.response());
      case Event.Applied e -> applied(e);
      case Event.TimerFired e -> fired(e.timer());
    }
    return List.copyOf(effects);
  }

  /** The names of that type that are held, with their versions; for whoever shows them. */
  public final Map<String, String> held(ResourceType<?> type) {
    return Map.copyOf(state(type).held);
  }

  // What the kinds of stream differ in.

  /** The type URL of a response of this kind. */
  abstract String typeUrl(Message response);

  /** Reads a response of this kind. */
  abstract Incoming read(ResourceType<?> type, Message response);

  /** The first request for a type on a stream; null if there is nothing to ask for. */
  abstract @Nullable Message firstRequest(TypeState type);

  /** The same request, which says who asks. */
  abstract Message withNode(Message request, Node node);

  /** The request after the names wanted have changed; null if there is nothing to say. */
  abstract @Nullable Message changeRequest(TypeState type);

  /** An ACK, or with an error a NACK. */
  abstract Message answer(TypeState type, @Nullable Status error);

  /** Names that a response says are gone by not listing them. */
  abstract Set<String> omitted(TypeState type, Set<String> listed);

  /** Whether a response of a type that this stream has not asked for may be answered. */
  abstract boolean answersUnasked();

  // Streams.

  private void opened() {
    if (connected) {
      throw new IllegalStateException("Opened: twice (expected: Closed between)");
    }
    connected = true;
    nodeSent = false;
    responded = false;
    stream++;
    types.values().forEach(this::ask);
    effects.add(new Effect.ReadNext());
  }

  private void closed(String error) {
    connected = false;
    for (TypeState type : types.values()) {
      timers.stopAwaiting(type);
      timers.takeNack(type);
      type.streamEnded();
      if (!responded && !type.wanted().isEmpty()) {
        effects.add(
            new Effect.Failed(
                type.type, type.uncached(), type.held.keySet(), error, Effect.Failed.Kind.STREAM));
      }
    }
    responded = false;
  }

  private void ask(TypeState type) {
    Message request = firstRequest(type);
    if (request != null) {
      type.asked = true;
      send(request);
      timers.await(type, type.uncached());
    }
  }

  private void send(Message request) {
    boolean plain = nodeSent && options.nodeOnce();
    nodeSent = true;
    effects.add(new Effect.Send(plain ? request : withNode(request, options.node())));
  }

  // Subscriptions.

  private void subscribed(Event.Subscribed event) {
    TypeState type = state(event.type());
    Set<String> names = new TreeSet<>();
    for (String name : event.names()) {
      String problem = XdstpName.problem(name, event.type());
      if (problem.isEmpty()) {
        names.add(XdstpName.normalise(name));
      } else {
        effects.add(
            new Effect.Failed(
                event.type(), Set.of(name), Set.of(), problem, Effect.Failed.Kind.RESOURCE));
      }
    }
    type.fetchTimeout = event.fetchTimeout();
    if (names.equals(type.wanted())) {
      return;
    }
    Set<String> before = type.uncached();
    type.want(names);
    forgetUnwanted(type);
    if (!connected) {
      return;
    }
    if (!type.asked) {
      ask(type);
      return;
    }
    // While a response is being applied, its answer carries the names of a SotW stream: the nonce
    // of a response may be sent only with its answer.
    Message request = changeRequest(type);
    if (request != null) {
      send(request);
    }
    Set<String> added = type.uncached();
    added.removeAll(before);
    timers.await(type, added);
  }

  private void forgetUnwanted(TypeState type) {
    for (String name : List.copyOf(type.held.keySet())) {
      if (!type.wants(name)) {
        type.held.remove(name);
        timers.stopTtl(type, name);
      }
    }
    type.refused.removeIf(name -> !type.wants(name));
    for (String name : List.copyOf(type.awaited)) {
      if (!type.wanted().contains(name)) {
        timers.arrived(type, name);
      }
    }
  }

  // Responses.

  private void received(Message response) {
    TypeState type = types.get(typeUrl(response));
    responded = true;
    if (type == null || !(type.asked || answersUnasked())) {
      effects.add(new Effect.Ignored(typeUrl(response)));
      effects.add(new Effect.ReadNext());
      return;
    }
    Incoming incoming = read(type.type, response);
    type.nonce = incoming.nonce();
    timers.arrived(type, WILDCARD);
    Update update = sieve.sift(type, incoming, stream);
    if (update.isEmpty() && type.answered) {
      settle(type, update, update.faults());
    } else {
      type.applying = true;
      effects.add(new Effect.Deliver(update));
    }
  }

  // Answers.

  private void applied(Event.Applied event) {
    Update update = event.update();
    TypeState type = state(update.type());
    List<ResourceFault> faults = new ArrayList<>(update.faults());
    faults.addAll(event.faults());
    settle(type, update, faults);
  }

  private void settle(TypeState type, Update update, List<ResourceFault> faults) {
    Set<String> bad = new LinkedHashSet<>();
    faults.forEach(fault -> bad.add(fault.name()));
    update.removed().forEach(type.held::remove);
    type.refused.removeAll(update.removed());
    for (Received each : update.changed()) {
      if (!bad.contains(each.name()) && type.wants(each.name())) {
        type.held.put(each.name(), each.version());
        type.refused.remove(each.name());
      }
    }
    type.refused.addAll(bad);
    type.refused.remove(""); // whose name could not be read
    type.answered = true;
    if (faults.isEmpty()) {
      type.ackedVersion = update.version();
    }
    if (!connected || update.stream() != stream) {
      return;
    }
    type.applying = false;
    if (faults.isEmpty()) {
      acknowledge(type);
    } else {
      refuse(type, NackDetail.of(faults));
    }
    effects.add(new Effect.ReadNext());
  }

  private void acknowledge(TypeState type) {
    timers.takeNack(type);
    type.nacks = 0;
    type.nackBackoff.reset();
    send(answer(type, null));
  }

  private void refuse(TypeState type, String detail) {
    if (type.keptNack == null && type.nacks == 0) {
      sendNack(type, detail);
    } else if (type.keptNack == null) {
      timers.startNack(type, detail);
    } else {
      type.keptNack = detail;
    }
  }

  private void sendNack(TypeState type, String detail) {
    type.nacks++;
    send(answer(type, NackDetail.status(detail)));
  }

  /** Takes back a NACK that has not gone yet; null if there is none. */
  final @Nullable Status takeKeptNack(TypeState type) {
    String detail = timers.takeNack(type);
    return detail == null ? null : NackDetail.status(detail);
  }

  // Timers.

  private void fired(TimerKey timer) {
    switch (timer) {
      case TimerKey.Absent(String url, String name) -> {
        TypeState type = state(url);
        if (type.awaited.remove(name)) {
          effects.add(new Effect.Lost(type.type, Set.of(name), Effect.Reason.TIMEOUT));
        }
      }
      case TimerKey.Nack(String url) -> {
        TypeState type = state(url);
        String detail = type.keptNack;
        // A response on its way has a newer nonce: its own answer takes the place of this one.
        if (detail != null) {
          type.keptNack = null;
          if (!type.applying) {
            sendNack(type, detail);
          }
        }
      }
      case TimerKey.Ttl(String url, String name) -> {
        TypeState type = state(url);
        if (type.ttls.remove(name)) {
          type.held.remove(name);
          effects.add(new Effect.Lost(type.type, Set.of(name), Effect.Reason.EXPIRED));
        }
      }
    }
  }

  private TypeState state(ResourceType<?> type) {
    return state(type.typeUrl());
  }

  private TypeState state(String typeUrl) {
    TypeState type = types.get(typeUrl);
    if (type == null) {
      throw new IllegalArgumentException(
          "type: " + typeUrl + " (expected: one of " + types.keySet() + ")");
    }
    return type;
  }
}
