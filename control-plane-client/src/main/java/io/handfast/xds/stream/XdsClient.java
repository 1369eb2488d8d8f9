package io.handfast.xds.stream;

import io.handfast.xds.protocol.Backoff;
import io.handfast.xds.protocol.Effect;
import io.handfast.xds.protocol.Event;
import io.handfast.xds.protocol.Reconnect;
import io.handfast.xds.protocol.StreamMachine;
import io.handfast.xds.protocol.Update;
import io.handfast.xds.resource.ResourceFault;
import io.handfast.xds.resource.ResourceType;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletionStage;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The servers of one config source: the first is the primary, the others stand in for it (gRPC
 * A71). The next one is asked when a stream ended without a response and something that is wanted
 * is held by nobody; the first response of an earlier one ends the later ones.
 *
 * <p>Thread-safe: everything happens on the executor of the runtime.
 */
public final class XdsClient implements AutoCloseable {

  private static final Logger log = LoggerFactory.getLogger(XdsClient.class);

  private final List<Server> servers;
  private final Supplier<StreamMachine> machines;
  private final Backoff.Policy reconnectPolicy;
  private final ResourceHandler handler;
  private final ClientRuntime runtime;
  private final Map<ResourceType<?>, Event.Subscribed> interests = new LinkedHashMap<>();
  private final List<ServerStream> streams = new ArrayList<>();

  /** Index of the server whose resources are held; -1 as long as none has answered. */
  private int active = -1;

  private boolean closed;

  /**
   * A server.
   *
   * @param name for people
   * @param wire opened when it is needed; closed for good with the client or when an earlier server
   *     answers, so made anew for each time
   * @param connectTimeout until a stream of it can be used
   */
  public record Server(String name, Supplier<Wire> wire, Duration connectTimeout) {}

  /**
   * A client that has not begun.
   *
   * @param servers at least one, the primary first
   * @param machines makes a machine of the kind that the wires speak
   * @param reconnectPolicy between streams
   */
  public XdsClient(
      List<Server> servers,
      Supplier<StreamMachine> machines,
      Backoff.Policy reconnectPolicy,
      ResourceHandler handler,
      ClientRuntime runtime) {
    if (servers.isEmpty()) {
      throw new IllegalArgumentException("servers: [] (expected: at least one)");
    }
    this.servers = List.copyOf(servers);
    this.machines = machines;
    this.reconnectPolicy = reconnectPolicy;
    this.handler = handler;
    this.runtime = runtime;
  }

  /** Connects to the primary. */
  public void start() {
    runtime.executor().execute(() -> startServer(0));
  }

  /**
   * Says which names of a type are wanted from now on, all of them.
   *
   * @param fetchTimeout {@code initial_fetch_timeout}; zero waits for ever
   */
  public void subscribe(ResourceType<?> type, Set<String> names, Duration fetchTimeout) {
    Event.Subscribed interest = new Event.Subscribed(type, names, fetchTimeout);
    runtime
        .executor()
        .execute(() -> {
          interests.put(type, interest);
          streams.forEach(stream -> stream.subscribe(interest));
        });
  }

  /** Ends all streams; nothing is delivered after that. */
  @Override
  public void close() {
    runtime
        .executor()
        .execute(() -> {
          closed = true;
          streams.forEach(ServerStream::close);
          streams.clear();
        });
  }

  private void startServer(int index) {
    if (closed || index != streams.size()) {
      return;
    }
    Server server = servers.get(index);
    ServerStream stream =
        new ServerStream(
            server,
            machines,
            new Relay(index),
            new Reconnect(reconnectPolicy, runtime.random()),
            runtime);
    streams.add(stream);
    interests.values().forEach(stream::subscribe);
    stream.connect();
  }

  /** A server has answered. */
  private void answered(int index) {
    if (index == active) {
      return;
    }
    boolean another = active >= 0;
    active = index;
    while (streams.size() > index + 1) {
      streams.removeLast().close();
    }
    for (int i = 0; i < index; i++) {
      streams.get(i).renew(interests.values());
    }
    if (another) {
      log.warn("resources come from {} from now on", servers.get(index).name());
      handler.serverChanged();
    }
  }

  private final class Relay implements ServerStream.Owner {

    private final int index;

    Relay(int index) {
      this.index = index;
    }

    @Override
    public CompletionStage<List<ResourceFault>> apply(Update update) {
      answered(index);
      return handler.apply(update);
    }

    @Override
    public void lost(Effect.Lost lost) {
      if (index == active || active < 0) {
        handler.lost(lost);
      }
    }

    @Override
    public void failed(Effect.Failed failed) {
      if (index == active || active < 0) {
        handler.failed(failed);
      }
    }

    @Override
    public void silent(String error) {
      if (index + 1 == streams.size() && hasNext()) {
        log.warn(
            "{}: {}; asking {}", servers.get(index).name(), error, servers.get(index + 1).name());
        runtime.executor().execute(() -> startServer(index + 1));
      }
    }

    private boolean hasNext() {
      return index + 1 < servers.size();
    }

    @Override
    public void unreachable() {
      if (active < 0 && !hasNext()) {
        handler.unreachable();
      }
    }

    @Override
    public void serverChanged() {
      handler.serverChanged();
    }
  }
}
