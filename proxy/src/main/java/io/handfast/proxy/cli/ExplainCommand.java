package io.handfast.proxy.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import io.handfast.proxy.explain.Explainer;
import io.handfast.proxy.explain.Explanation;
import io.handfast.proxy.explain.ExplanationText;
import io.handfast.proxy.explain.Question;
import io.handfast.proxy.server.ConfigView;
import io.handfast.xds.bootstrap.BootstrapSource;
import io.handfast.xds.resource.InvalidConfigException;
import java.io.PrintWriter;
import java.net.InetAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code handfast explain}: where a request would go, and why not elsewhere. */
@Command(
    name = "explain",
    description = {
      "Tells where a request would go, and why not elsewhere. Sends nothing.",
      "It names listener, filter chain, route, cluster and endpoints that the request would meet, what",
      "happens to its transaction, and of what is passed over the first condition that does not hold."
    },
    mixinStandardHelpOptions = true,
    sortOptions = false,
    versionProvider = Version.class,
    footer = {
      "",
      "Exits with 0 if a route matches, with 1 if none does, with 2 if there is nothing to ask."
    })
final class ExplainCommand implements Callable<Integer> {

  /** The configuration or the question cannot be used. */
  private static final int UNUSABLE = 2;

  private static final String ADMIN = "admin";

  /** How it is printed. */
  enum Output {
    text,
    json
  }

  @Option(names = "--path", paramLabel = "PATH", required = true, description = "With its query.")
  private String path = "/";

  @Option(
      names = "--host",
      paramLabel = "HOST",
      required = true,
      description = "With its port, which tells the listener where nothing else does.")
  private String host = "";

  @Option(
      names = "--method",
      paramLabel = "METHOD",
      defaultValue = "GET",
      description = "Default: ${DEFAULT-VALUE}")
  private String method = "GET";

  @Option(
      names = {"-H", "--header"},
      paramLabel = "NAME:VALUE",
      description = "A header field; may be given again.")
  private List<String> headers = new ArrayList<>();

  @Option(names = "--listener", paramLabel = "NAME", description = "Where it comes in.")
  private @Nullable String listener;

  @Option(names = "--port", paramLabel = "PORT", description = "Where it comes in, by the port.")
  private @Nullable Integer port;

  @Option(names = "--tls", description = "The client speaks TLS.")
  private boolean tls;

  @Option(
      names = "--server-name",
      paramLabel = "NAME",
      defaultValue = "",
      description = "That the client asks for by SNI; implies --tls.")
  private String serverName = "";

  @Option(
      names = "--alpn",
      paramLabel = "NAME",
      split = ",",
      description = "Application protocols that the client offers; implies --tls.")
  private List<String> alpn = new ArrayList<>();

  @Option(
      names = "--source",
      paramLabel = "ADDRESS",
      defaultValue = "127.0.0.1",
      description = "The client's address. Default: ${DEFAULT-VALUE}")
  private String source = "127.0.0.1";

  @Option(
      names = "--from",
      paramLabel = "FILE|admin",
      defaultValue = ADMIN,
      description = "A bootstrap, or the sidecar that runs at --admin. Default: ${DEFAULT-VALUE}")
  private String from = ADMIN;

  @Option(
      names = "--admin",
      paramLabel = "HOST:PORT",
      defaultValue = "127.0.0.1:15000",
      description = "The sidecar's administration server. Default: ${DEFAULT-VALUE}")
  private String admin = "127.0.0.1:15000";

  @Option(
      names = {"-o", "--output"},
      paramLabel = "FORM",
      defaultValue = "text",
      description = "text (default) or json.")
  private Output output = Output.text;

  @Spec private CommandSpec spec = CommandSpec.create();

  @Override
  public Integer call() {
    PrintWriter err = spec.commandLine().getErr();
    try {
      Question question = question();
      Explanation explanation = explainer().explain(question);
      spec.commandLine().getOut().print(print(explanation));
      spec.commandLine().getOut().flush();
      return explanation.matched() ? 0 : Main.FAILED;
    } catch (InvalidConfigException e) {
      e.errors().forEach(err::println);
      return UNUSABLE;
    } catch (AdminClient.Failure e) {
      err.println(e.getMessage());
      return UNUSABLE;
    } catch (IllegalArgumentException e) {
      throw new ParameterException(spec.commandLine(), String.valueOf(e.getMessage()), e);
    }
  }

  private Explainer explainer() throws InvalidConfigException, AdminClient.Failure {
    if (from.equals(ADMIN)) {
      return ConfigView.ofDump(new AdminClient(admin).get("/config_dump?include_eds").text());
    }
    return ConfigView.of(
        new BootstrapSource(
            Optional.of(Path.of(from)),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty()));
  }

  private Question question() {
    if (!path.startsWith("/") && !path.equals("*")) {
      throw new IllegalArgumentException("--path: " + path + " (expected: it begins with '/')");
    }
    return new Question(
        method,
        host,
        path,
        headers.stream().map(ExplainCommand::header).toList(),
        Optional.ofNullable(listener),
        port == null ? OptionalInt.empty() : OptionalInt.of(port),
        tls || !serverName.isEmpty() || !alpn.isEmpty(),
        serverName.toLowerCase(Locale.ROOT),
        alpn,
        address());
  }

  private InetAddress address() {
    try {
      return InetAddress.ofLiteral(source);
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("--source: " + source + " (expected: an IP address)", e);
    }
  }

  private static Map.Entry<String, String> header(String text) {
    int colon = text.indexOf(':');
    if (colon < 1) {
      throw new IllegalArgumentException("-H: " + text + " (expected: name:value)");
    }
    return Map.entry(
        text.substring(0, colon).strip().toLowerCase(Locale.ROOT),
        text.substring(colon + 1).strip());
  }

  private String print(Explanation explanation) {
    if (output == Output.text) {
      return ExplanationText.of(explanation);
    }
    try {
      return new ObjectMapper()
              .enable(SerializationFeature.INDENT_OUTPUT)
              .writeValueAsString(explanation)
          + "\n";
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a record that was built here cannot be printed", e);
    }
  }
}
