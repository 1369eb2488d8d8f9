package io.handfast.benchmarks.tx;

import java.io.IOException;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * One of the three services, until it is killed:
 *
 * <pre>
 *   ServiceMain port=18080
 *   ServiceMain port=18080 sidecar=18001,18002 direct=18180,18280 [dtm=36789]
 * </pre>
 *
 * <p>The first is a participant. The second calls two of these, through its sidecar or, where
 * another coordinator is asked for by {@code /dtm/2}, themselves.
 */
public final class ServiceMain {
  private ServiceMain() {}

  /** Runs until it is killed. */
  public static void main(String[] args) throws IOException {
    Map<String, String> options = options(args);
    serve(options, new Participant(), Map.of());
  }

  /** The options of a command line. */
  public static Map<String, String> options(String[] args) {
    Map<String, String> options = new HashMap<>();
    for (String arg : args) {
      int equals = arg.indexOf('=');
      if (equals < 1) {
        throw new IllegalArgumentException(arg + " (expected: name=value)");
      }
      options.put(arg.substring(0, equals), arg.substring(equals + 1));
    }
    return options;
  }

  /** The services themselves, where an option names their ports. */
  public static List<Caller> callers(Map<String, String> options, String name) {
    return Arrays.stream(options.getOrDefault(name, "").split(","))
        .filter(port -> !port.isEmpty())
        .map(port -> new Caller(Integer.parseInt(port)))
        .toList();
  }

  /**
   * Serves until the process is killed.
   *
   * @param participant serves where no option says that this is the one that calls
   * @param more what is served beside by the first part of the path
   */
  public static void serve(
      Map<String, String> options, Handler participant, Map<String, Handler> more)
      throws IOException {
    Map<String, Handler> handlers = new HashMap<>(more);
    List<Caller> direct = callers(options, "direct");
    for (Caller server : callers(options, "dtm")) {
      handlers.put("dtm", new Dtm(server, direct));
    }
    Handler own = direct.isEmpty() ? participant : new Front(callers(options, "sidecar"));
    String port = options.get("port");
    if (port == null) {
      throw new IllegalArgumentException("port: missing (expected: port=N)");
    }
    Listener.serve(
        Integer.parseInt(port),
        request -> {
          Handler handler = handlers.get(request.path().split("/", 3)[1]);
          return (handler == null ? own : handler).serve(request);
        });
  }
}
