package io.grpc.testing.integration;

import io.grpc.ChannelCredentials;
import io.grpc.InsecureChannelCredentials;
import io.grpc.InsecureServerCredentials;
import io.grpc.LoadBalancerRegistry;
import io.grpc.ManagedChannelBuilder;
import io.grpc.ServerBuilder;
import io.grpc.ServerCredentials;
import io.grpc.TlsChannelCredentials;
import io.grpc.TlsServerCredentials;
import io.grpc.netty.InternalNettyChannelBuilder;
import io.grpc.netty.InternalNettyServerBuilder;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.testing.TlsTesting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.junit.runner.Description;
import org.junit.runner.JUnitCore;
import org.junit.runner.notification.Failure;
import org.junit.runner.notification.RunListener;

/**
 * grpc-java's interoperability suite with something between client and server: all cases of {@code
 * AbstractInteropTest}, whose server is one of this process, then those of {@code
 * TestServiceClient} against {@code TestServiceServer} that need nothing of Google's cloud. Prints
 * a line for each, {@code CASE NAME pass|fail|skip}.
 *
 * <p>Arguments: the port at which the server listens, the one that the client calls, and {@code
 * plain} or {@code tls}. In the package of the suite, for the programs' methods are of that alone.
 */
public final class InteropSuite {
  private static final String AUTHORITY = "foo.test.google.fr";

  /** Cases of the client that the other suite has not, and all others with its own settings. */
  private static final List<TestCases> CLIENT =
      List.of(
          TestCases.EMPTY_UNARY,
          TestCases.CACHEABLE_UNARY,
          TestCases.LARGE_UNARY,
          TestCases.CLIENT_COMPRESSED_UNARY,
          TestCases.CLIENT_COMPRESSED_UNARY_NOPROBE,
          TestCases.SERVER_COMPRESSED_UNARY,
          TestCases.CLIENT_STREAMING,
          TestCases.CLIENT_COMPRESSED_STREAMING,
          TestCases.CLIENT_COMPRESSED_STREAMING_NOPROBE,
          TestCases.SERVER_STREAMING,
          TestCases.SERVER_COMPRESSED_STREAMING,
          TestCases.PING_PONG,
          TestCases.EMPTY_STREAM,
          TestCases.CUSTOM_METADATA,
          TestCases.STATUS_CODE_AND_MESSAGE,
          TestCases.SPECIAL_STATUS_MESSAGE,
          TestCases.UNIMPLEMENTED_METHOD,
          TestCases.UNIMPLEMENTED_SERVICE,
          TestCases.CANCEL_AFTER_BEGIN,
          TestCases.CANCEL_AFTER_FIRST_RESPONSE,
          TestCases.TIMEOUT_ON_SLEEPING_SERVER,
          TestCases.VERY_LARGE_REQUEST,
          TestCases.PICK_FIRST_UNARY,
          TestCases.RPC_SOAK,
          TestCases.CHANNEL_SOAK,
          TestCases.ORCA_PER_RPC,
          TestCases.ORCA_OOB);

  /** What the cases of ORCA, reports of load, need. */
  private static final String ORCA =
      "{\"loadBalancingConfig\":[{\"test_backend_metrics_load_balancer\":{}}]}";

  private static int serverPort;
  private static int clientPort;
  private static boolean tls;

  private InteropSuite() {}

  /** Runs all of it; a case that fails is no failure of the program. */
  public static void main(String[] args) throws Exception {
    serverPort = Integer.parseInt(args[0]);
    clientPort = Integer.parseInt(args[1]);
    tls = args[2].equals("tls");
    JUnitCore junit = new JUnitCore();
    junit.addListener(new Printer());
    junit.run(Cases.class);
    runClients();
    System.exit(0);
  }

  /** The suite of grpc-java's own transports, on its Netty. */
  public static final class Cases extends AbstractInteropTest {
    @Override
    protected ServerBuilder<?> getServerBuilder() {
      NettyServerBuilder builder =
          NettyServerBuilder.forPort(serverPort, serverCredentials())
              .flowControlWindow(TEST_FLOW_CONTROL_WINDOW)
              .maxInboundMessageSize(MAX_MESSAGE_SIZE);
      // As in grpc-java: the suite's own tracer in the place of the default one.
      InternalNettyServerBuilder.setStatsEnabled(builder, false);
      return builder.addStreamTracerFactory(createCustomCensusTracerFactory());
    }

    @Override
    protected ManagedChannelBuilder<?> createChannelBuilder() {
      NettyChannelBuilder builder =
          NettyChannelBuilder.forAddress("127.0.0.1", clientPort, channelCredentials())
              .overrideAuthority(AUTHORITY)
              .flowControlWindow(TEST_FLOW_CONTROL_WINDOW)
              .maxInboundMessageSize(MAX_MESSAGE_SIZE);
      InternalNettyChannelBuilder.setStatsEnabled(builder, false);
      return builder.intercept(createCensusStatsClientInterceptor());
    }
  }

  private static ServerCredentials serverCredentials() {
    try {
      return tls
          ? TlsServerCredentials.create(
              TlsTesting.loadCert("server1.pem"), TlsTesting.loadCert("server1.key"))
          : InsecureServerCredentials.create();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ChannelCredentials channelCredentials() {
    try {
      return tls
          ? TlsChannelCredentials.newBuilder().trustManager(TlsTesting.loadCert("ca.pem")).build()
          : InsecureChannelCredentials.create();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void runClients() throws Exception {
    TestServiceServer server = new TestServiceServer();
    server.parseArgs(new String[] {"--port=" + serverPort, "--use_tls=" + tls});
    server.start();
    LoadBalancerRegistry.getDefaultRegistry()
        .register(new CustomBackendMetricsLoadBalancerProvider());
    for (TestCases each : CLIENT) {
      String name = each.name().toLowerCase(Locale.ROOT);
      try {
        runClient(name);
        print(name, "pass");
      } catch (InvocationTargetException e) {
        e.getCause().printStackTrace();
        print(name, "fail");
      }
    }
    server.stop();
  }

  private static void runClient(String name) throws Exception {
    TestServiceClient client = new TestServiceClient();
    List<String> args =
        new ArrayList<>(
            List.of(
                "--server_host=127.0.0.1",
                "--server_port=" + clientPort,
                "--server_host_override=" + AUTHORITY,
                "--use_tls=" + tls,
                "--use_test_ca=" + tls,
                "--test_case=" + name));
    if (name.startsWith("orca")) {
      args.add("--service_config_json=" + ORCA);
    }
    client.parseArgs(args.toArray(String[]::new));
    client.setUp();
    try {
      call(client, "run");
    } finally {
      call(client, "tearDown");
    }
  }

  private static void call(TestServiceClient client, String name) throws Exception {
    Method method = TestServiceClient.class.getDeclaredMethod(name);
    method.setAccessible(true);
    method.invoke(client);
  }

  private static void print(String name, String result) {
    System.out.println("CASE " + name + " " + result);
  }

  /** A case is over when it has ended; one that was left out had an assumption that fails. */
  private static final class Printer extends RunListener {
    private String result = "pass";

    @Override
    public void testStarted(Description description) {
      result = "pass";
    }

    @Override
    public void testFailure(Failure failure) {
      System.out.println(failure.getTrace());
      result = "fail";
    }

    @Override
    public void testAssumptionFailure(Failure failure) {
      System.out.println(failure.getTrace());
      result = "skip";
    }

    @Override
    public void testFinished(Description description) {
      print(description.getMethodName(), result);
    }
  }
}
