package io.handfast.proxy.http.manager;

import io.handfast.proxy.config.ClusterConfig;
import io.handfast.proxy.config.HttpConnectionManagerConfig;
import io.handfast.proxy.config.HttpFilterConfig;
import io.handfast.proxy.http.AccessLog;
import io.handfast.proxy.http.ConnectionInfo;
import io.handfast.proxy.http.HeaderFormat;
import io.handfast.proxy.http.Headers;
import io.handfast.proxy.http.HttpDate;
import io.handfast.proxy.http.HttpFilterFactory;
import io.handfast.proxy.http.HttpProtocol;
import io.handfast.proxy.http.HttpStream;
import io.handfast.proxy.http.RequestHandler;
import io.handfast.proxy.http.RequestHead;
import io.handfast.proxy.http.ResetReason;
import io.handfast.proxy.http.ResponseFlag;
import io.handfast.proxy.http.ResponseHead;
import io.handfast.proxy.http.StreamInfo;
import io.handfast.proxy.overload.OverloadState;
import io.handfast.proxy.runtime.Dispatcher;
import io.handfast.proxy.stats.HttpStats;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.LongUnaryOperator;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * HTTP on the connections of one filter chain: compiled once from its configuration. Immutable and
 * thread-safe; every event loop uses it.
 */
public final class ConnectionManager {
  private final HttpConnectionManagerConfig config;
  private final RouteChooser routes;
  private final Function<String, @Nullable ClusterConfig> clusters;
  private final List<HttpFilterFactory> factories;
  private final HttpStats stats;
  private final List<AccessLog> accessLogs;
  private final int bufferLimit;
  private final OverloadState overload;
  private final LongUnaryOperator random;
  private final HttpDate date = new HttpDate();

  /**
   * @param clusters finds one by its name, as it is now
   * @param factories of the filters, in the order of the configuration
   * @param bufferLimit bytes that may wait in one direction of a stream
   * @param formats compiles values of headers that routes add
   * @param overload asked with each request
   * @param random an evenly drawn number from 0 up to its argument; thread-safe
   */
  public ConnectionManager(
      HttpConnectionManagerConfig config,
      Function<String, @Nullable ClusterConfig> clusters,
      List<HttpFilterFactory> factories,
      HttpStats stats,
      List<AccessLog> accessLogs,
      int bufferLimit,
      HeaderFormat.Compiler formats,
      OverloadState overload,
      LongUnaryOperator random) {
    this.config = config;
    this.routes = new RouteChooser(config.routes(), formats, random);
    this.clusters = clusters;
    this.factories = List.copyOf(factories);
    this.stats = stats;
    this.accessLogs = List.copyOf(accessLogs);
    this.bufferLimit = bufferLimit;
    this.overload = overload;
    this.random = random;
  }

  /** What it was configured to be. */
  public HttpConnectionManagerConfig config() {
    return config;
  }

  /** What is counted about it. */
  public HttpStats stats() {
    return stats;
  }

  /**
   * Takes the requests of one connection.
   *
   * @param current asked once per request
   */
  public static RequestHandler handler(
      Supplier<ConnectionManager> current, ConnectionInfo connection, Dispatcher dispatcher) {
    return new Handler(current, connection, dispatcher);
  }

  private record Handler(
      Supplier<ConnectionManager> current, ConnectionInfo connection, Dispatcher loop)
      implements RequestHandler {
    @Override
    public HttpStream.ServerEvents onRequest(
        HttpStream.Server stream, RequestHead head, boolean endStream) {
      ConnectionManager manager = current.get();
      manager.stats.rqTotal.inc();
      boolean http2 = head.protocol() == HttpProtocol.HTTP_2;
      (http2 ? manager.stats.rqHttp2Total : manager.stats.rqHttp1Total).inc();
      StreamInfo info =
          new StreamInfo(connection, head.protocol(), loop.currentTimeMillis(), loop.nanoTime());
      ManagedStream managed = new ManagedStream(manager, stream, head, info, loop);
      managed.begin(endStream);
      return managed;
    }

    @Override
    public void onRefused(HttpProtocol protocol, int status, String details) {
      ConnectionManager manager = current.get();
      manager.stats.rqTotal.inc();
      if (status == 0) {
        manager.stats.rqTxReset.inc();
      } else {
        manager.stats.countResponse(status);
      }
      StreamInfo info =
          new StreamInfo(connection, protocol, loop.currentTimeMillis(), loop.nanoTime());
      info.status(status);
      info.details(details);
      info.flag(ResponseFlag.DOWNSTREAM_PROTOCOL_ERROR);
      info.ended(loop.nanoTime(), status != 0, status == 0 ? ResetReason.PROTOCOL_ERROR : null);
      manager.log(info, null, null, null);
    }
  }

  @Nullable RouteChoice choose(RequestHead head) {
    return routes.choose(head);
  }

  @Nullable ClusterConfig cluster(RouteChoice choice) {
    String name = choice.cluster();
    return name == null ? null : clusters.apply(name);
  }

  FilterSlot[] slots(ManagedStream stream) {
    List<HttpFilterConfig> filters = config.httpFilters();
    FilterSlot[] slots = new FilterSlot[filters.size()];
    int used = 0;
    for (int i = 0; i < slots.length; i++) {
      if (!stream.perFilterConfigs().isDisabled(i, filters.get(i).disabled())) {
        slots[used] = new FilterSlot(stream, used, i, factories.get(i));
        used++;
      }
    }
    return used == slots.length ? slots : Arrays.copyOf(slots, used);
  }

  void log(
      StreamInfo info,
      @Nullable RequestHead request,
      @Nullable ResponseHead response,
      @Nullable Headers trailers) {
    for (AccessLog log : accessLogs) {
      log.log(info, request, response, trailers);
    }
  }

  OverloadState overload() {
    return overload;
  }

  LongUnaryOperator random() {
    return random;
  }

  String date(long epochMillis) {
    return date.at(epochMillis);
  }

  int bufferLimit() {
    return bufferLimit;
  }
}
