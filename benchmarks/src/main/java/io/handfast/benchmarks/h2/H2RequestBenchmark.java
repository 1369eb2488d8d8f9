package io.handfast.benchmarks.h2;

import io.handfast.benchmarks.sidecar.Acceptor;
import io.handfast.benchmarks.sidecar.Sidecars;
import io.handfast.proxy.server.Sidecar;
import io.handfast.proxy.server.StartException;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Level;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;
import org.openjdk.jmh.annotations.Warmup;

/**
 * A unary call of gRPC, 1 KiB both ways, through a whole sidecar: its listener, codecs, connection
 * manager, router, pool and event loop. Client and service allocate nothing, so that {@code -prof
 * gc} counts the sidecar's bytes alone. The time between is everybody's.
 */
@State(Scope.Benchmark)
@BenchmarkMode(Mode.AverageTime)
@OutputTimeUnit(TimeUnit.NANOSECONDS)
@Warmup(iterations = 6, time = 4)
@Measurement(iterations = 5, time = 3)
@Fork(
    value = 1,
    jvmArgsAppend = {
      "-XX:+UseSerialGC",
      "-XX:+UseCompactObjectHeaders",
      "-Dio.netty.leakDetection.level=disabled",
      "--enable-native-access=ALL-UNNAMED",
      "--sun-misc-unsafe-memory-access=allow"
    })
public class H2RequestBenchmark {
  private static final int CONNECTIONS = 4;
  private static final int STREAMS = 25;
  private static final int MESSAGE_BYTES = 1024;

  private static final String CONFIG =
      """
      node: { id: benchmark-1, cluster: benchmark }
      static_resources:
        listeners:
        - name: inbound
          address: { socket_address: { address: 127.0.0.1, port_value: 0 } }
          filter_chains:
          - filters:
            - name: envoy.filters.network.http_connection_manager
              typed_config:
                "@type": type.googleapis.com/envoy.extensions.filters.network.http_connection_manager.v3.HttpConnectionManager
                stat_prefix: inbound
                route_config:
                  name: inbound
                  virtual_hosts:
                  - name: all
                    domains: ["*"]
                    routes:
                    - match: { prefix: / }
                      route: { cluster: upstream }
                http_filters:
                - name: envoy.filters.http.router
                  typed_config:
                    "@type": type.googleapis.com/envoy.extensions.filters.http.router.v3.Router
        clusters:
        - name: upstream
          type: STATIC
          connect_timeout: 1s
          load_assignment:
            cluster_name: upstream
            endpoints:
            - lb_endpoints:
              - endpoint: { address: { socket_address: { address: 127.0.0.1, port_value: ${service} } } }
          typed_extension_protocol_options:
            envoy.extensions.upstreams.http.v3.HttpProtocolOptions:
              "@type": type.googleapis.com/envoy.extensions.upstreams.http.v3.HttpProtocolOptions
              explicit_http_config: { http2_protocol_options: {} }
      """;

  private final List<Client> clients = new ArrayList<>();
  private @Nullable Acceptor service;
  private @Nullable Sidecar sidecar;

  @Setup(Level.Trial)
  public void start() throws IOException, StartException {
    byte[] message = new byte[MESSAGE_BYTES];
    Acceptor answering = new Acceptor(socket -> Answers.serve(socket, message));
    service = answering;
    Sidecar started =
        Sidecars.start(CONFIG.replace("${service}", Integer.toString(answering.port())));
    sidecar = started;
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.add(
          new Client(
              SocketChannel.open(started.listenerAddress("inbound").orElseThrow()),
              new byte[MESSAGE_BYTES]));
    }
  }

  @Benchmark
  @OperationsPerInvocation(CONNECTIONS * STREAMS)
  public void call() throws IOException {
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.get(i).call(STREAMS);
    }
    for (int i = 0; i < CONNECTIONS; i++) {
      clients.get(i).await();
    }
  }

  @TearDown(Level.Trial)
  public void stop() throws IOException {
    for (Client client : clients) {
      client.close();
    }
    if (sidecar != null) {
      sidecar.close();
    }
    if (service != null) {
      service.close();
    }
  }
}
