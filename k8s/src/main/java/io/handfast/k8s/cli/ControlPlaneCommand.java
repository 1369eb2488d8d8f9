package io.handfast.k8s.cli;

import io.handfast.k8s.controlplane.ServerSettings;
import io.handfast.k8s.controlplane.source.DirectorySource;
import io.handfast.k8s.controlplane.source.Findings;
import io.handfast.k8s.controlplane.source.SidecarValidator;
import io.handfast.xds.resource.InvalidConfigException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.file.Path;
import java.util.Optional;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code handfast control-plane}: serves a directory of resources until it is told to stop. */
@Command(
    name = "control-plane",
    description =
        "Serves the Envoy v3 resources of a directory to sidecars, by delta and state-of-the-world xDS.",
    mixinStandardHelpOptions = true,
    versionProvider = Version.class,
    footer = {
      "",
      "Every .yaml, .yml and .json file below the directory is read, but for hidden ones. A document is a resource",
      "with its '@type', or a list 'resources'. What a sidecar would refuse is not served: the file stays as it was.",
      "SIGTERM ends it; sidecars go on with what they have."
    })
final class ControlPlaneCommand implements Callable<Integer> {

  /** As istiod's for xDS in the clear. */
  private static final int DEFAULT_PORT = 15010;

  private static final int MAX_PORT = 65_535;

  /** What went wrong is an answer: a file cannot be used, the port is taken. */
  static final int FAILED = 1;

  @Option(names = "--dir", required = true, paramLabel = "DIR", description = "The directory.")
  private Path directory = Path.of(".");

  @Option(
      names = "--address",
      paramLabel = "HOST",
      defaultValue = "127.0.0.1",
      description = "Where to listen; default 127.0.0.1. Others need TLS, or --plaintext.")
  private String address = "127.0.0.1";

  @Option(
      names = "--port",
      paramLabel = "PORT",
      defaultValue = "" + DEFAULT_PORT,
      description = "Default " + DEFAULT_PORT + "; 0 takes any that is free.")
  private int port = DEFAULT_PORT;

  @Option(
      names = "--admin-address",
      paramLabel = "HOST:PORT",
      description = "Serves /ready and /stats/prometheus there; default: nowhere.")
  private @Nullable String adminAddress;

  @Option(
      names = "--tls-cert",
      paramLabel = "FILE",
      description = "Certificate in PEM, the leaf first; read again when it changes.")
  private @Nullable Path certificate;

  @Option(names = "--tls-key", paramLabel = "FILE", description = "Its key in PEM.")
  private @Nullable Path privateKey;

  @Option(
      names = "--client-ca",
      paramLabel = "FILE",
      description = "Clients must have a certificate that one of these (PEM) vouches for.")
  private @Nullable Path clientCa;

  @Option(
      names = "--plaintext",
      description = "Listens without TLS where others than this host may come from.")
  private boolean plaintext;

  @Option(
      names = "--validate-only",
      description =
          "Checks the directory and exits: with 0 if all of it can be served, with 1 if not.")
  private boolean validateOnly;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    if (validateOnly) {
      return validate();
    }
    ServerSettings settings = settings();
    return new ControlPlaneProcess(
            source(),
            settings,
            Optional.ofNullable(adminAddress).map(this::hostAndPort),
            spec.commandLine().getOut(),
            spec.commandLine().getErr())
        .run(directory.toString());
  }

  private DirectorySource source() {
    return new DirectorySource(directory, new SidecarValidator(), System::nanoTime);
  }

  private int validate() {
    PrintWriter err = spec.commandLine().getErr();
    try (DirectorySource source = source()) {
      Findings findings = source.start(_ -> {});
      findings.warnings().forEach(warning -> err.println("warning: " + warning));
      if (findings.snapshot().isEmpty()) {
        err.println(
            "warning: " + directory + ": nothing to serve (expected: a file with a resource)");
      }
      spec.commandLine().getOut().println(directory + ": " + findings.snapshot() + " OK");
      return 0;
    } catch (InvalidConfigException e) {
      e.errors().forEach(err::println);
      return FAILED;
    }
  }

  private ServerSettings settings() {
    if ((certificate == null) != (privateKey == null)) {
      throw wrong("--tls-cert and --tls-key: one without the other (expected: both, or neither)");
    }
    if (clientCa != null && certificate == null) {
      throw wrong("--client-ca: without --tls-cert and --tls-key (expected: these too)");
    }
    InetAddress host = host("--address", address);
    if (port < 0 || port > MAX_PORT) {
      throw wrong("--port: " + port + " (expected: 0 to " + MAX_PORT + ")");
    }
    if (certificate == null && !host.isLoopbackAddress() && !plaintext) {
      throw wrong(
          "--address: "
              + address
              + " can be reached from outside, and secrets are among what is served (expected:"
              + " --tls-cert, --tls-key and --client-ca; or --plaintext, on a network that only"
              + " sidecars reach)");
    }
    Optional<ServerSettings.Tls> tls =
        certificate == null || privateKey == null
            ? Optional.empty()
            : Optional.of(
                new ServerSettings.Tls(certificate, privateKey, Optional.ofNullable(clientCa)));
    return new ServerSettings(new InetSocketAddress(host, port), tls);
  }

  private InetSocketAddress hostAndPort(String text) {
    int colon = text.lastIndexOf(':');
    try {
      int number = Integer.parseInt(text.substring(colon + 1));
      if (colon > 0 && number >= 0 && number <= MAX_PORT) {
        return new InetSocketAddress(host("--admin-address", text.substring(0, colon)), number);
      }
    } catch (NumberFormatException e) {
      // Told below.
    }
    throw wrong("--admin-address: " + text + " (expected: host:port)");
  }

  private InetAddress host(String option, String name) {
    try {
      return InetAddress.getByName(name);
    } catch (UnknownHostException e) {
      throw wrong(option + ": " + name + " (expected: an address of this host)");
    }
  }

  private ParameterException wrong(String text) {
    return new ParameterException(spec.commandLine(), text);
  }
}
