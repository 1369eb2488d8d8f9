package io.handfast.benchmarks.soak;

import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.LockSupport;
import org.jspecify.annotations.Nullable;

/**
 * Clients of many kinds: {@code SoakLoadMain HTTP_PORT TLS_PORT TCP_PORT CERTIFICATES SEED}. Each
 * exchange is checked to its last byte; what fails is a line of JSON on the standard output, and
 * when a line has come on the standard input the clients end what they do, and the last line says
 * what became of all exchanges, and how many certificates of the proxy were seen.
 */
public final class SoakLoadMain {

  /** One that must never fail, and one that is restarted now and then. */
  static final List<String> UPSTREAMS = List.of("steady", "restarted");

  private static final long PAUSE_NANOS = TimeUnit.MILLISECONDS.toNanos(4);
  private static final int KEPT_ALIVE = 1_000;
  private static final int TLS_REQUESTS = 20;

  /** Keeps a connection, or opens one for each exchange. Confined to its thread. */
  interface Client {

    /** One exchange; false if it was given up on purpose. */
    boolean exchange(Random random) throws Exception;

    /** Gives up what it keeps. */
    default void close() {}
  }

  private final Tally tally = new Tally();
  private final List<Thread> threads = new ArrayList<>();
  private final Random seeds;
  private volatile boolean ended;

  private SoakLoadMain(long seed) {
    this.seeds = new Random(seed);
  }

  /** Runs until a line comes. */
  public static void main(String[] args)
      throws IOException, InterruptedException, GeneralSecurityException {
    int http = Integer.parseInt(args[0]);
    int tls = Integer.parseInt(args[1]);
    int tcp = Integer.parseInt(args[2]);
    Tls mutual = new Tls(Path.of(args[3]), tls);
    SoakLoadMain main = new SoakLoadMain(Long.parseLong(args[4]));
    for (String upstream : UPSTREAMS) {
      HttpClients.Connecting plain = () -> connect(http);
      for (int i = 0; i < 2; i++) {
        main.start("h1 kept alive", upstream, HttpClients.requests(plain, upstream, KEPT_ALIVE));
        main.start("gRPC unary", upstream, GrpcClients.unary(http, upstream));
      }
      main.start("h1 closed", upstream, HttpClients.requests(plain, upstream, 1));
      main.start("h1 reset", upstream, HttpClients.resets(plain, upstream));
      main.start("h1 slow", upstream, HttpClients.slow(plain, upstream));
      main.start(
          "h1 mTLS", upstream, HttpClients.requests(mutual::connect, upstream, TLS_REQUESTS));
      main.start("gRPC stream", upstream, GrpcClients.stream(http, upstream, false, false));
      main.start("gRPC slow", upstream, GrpcClients.stream(http, upstream, true, false));
      main.start("gRPC cancelled", upstream, GrpcClients.stream(http, upstream, false, true));
      main.start("gRPC echo", upstream, GrpcClients.echo(http, upstream));
    }
    main.start("TCP", UPSTREAMS.getFirst(), TcpClients.echo(() -> connect(tcp)));
    main.start("TCP reset", UPSTREAMS.getFirst(), TcpClients.resets(() -> connect(tcp)));
    System.in.read();
    main.ended = true;
    for (Thread thread : main.threads) {
      thread.join();
    }
    System.out.println(main.tally.json(mutual.certificates()));
    System.exit(0); // gRPC's threads have nothing more to do
  }

  private static Socket connect(int port) throws IOException {
    return new Socket(InetAddress.getLoopbackAddress(), port);
  }

  private void start(String kind, String upstream, Client client) {
    Random random = new Random(seeds.nextLong());
    threads.add(Thread.ofVirtual().start(() -> repeat(kind, upstream, client, random)));
  }

  private void repeat(String kind, String upstream, Client client, Random random) {
    while (!ended) {
      long begun = System.currentTimeMillis();
      try {
        if (client.exchange(random)) {
          tally.right(kind);
        } else {
          tally.reset(kind);
        }
      } catch (Exception failure) {
        client.close();
        tally.failed(
            kind, upstream, failure instanceof WrongAnswerException, begun, saying(failure));
      }
      LockSupport.parkNanos(PAUSE_NANOS);
    }
    client.close();
  }

  private static String saying(@Nullable Throwable failure) {
    StringBuilder all = new StringBuilder();
    for (Throwable one = failure; one != null; one = one.getCause()) {
      all.append(all.isEmpty() ? "" : ": ").append(one.getClass().getSimpleName()).append(' ');
      all.append(one.getMessage());
    }
    return all.toString();
  }
}
