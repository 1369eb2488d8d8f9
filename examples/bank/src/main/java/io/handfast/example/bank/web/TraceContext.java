package io.handfast.example.bank.web;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/**
 * What a service passes on of a request that it serves to those that it makes meanwhile, over HTTP
 * and gRPC, as an OpenTelemetry agent does unasked. Immutable.
 *
 * @param fields all values by name; those that the request did not have are left out
 */
public record TraceContext(Map<String, List<String>> fields) {
  /** Its fields, as W3C names them. */
  public static final List<String> NAMES = List.of("traceparent", "tracestate", "baggage");

  /** Of calls that are made for nobody. */
  public static final TraceContext NONE = new TraceContext(Map.of());

  public TraceContext {
    fields = Map.copyOf(fields);
  }

  /**
   * Reads it from a request.
   *
   * @param values all values of a name; empty for none
   */
  public static TraceContext read(Function<String, List<String>> values) {
    Map<String, List<String>> fields = new HashMap<>();
    for (String name : NAMES) {
      List<String> found = values.apply(name);
      if (!found.isEmpty()) {
        fields.put(name, List.copyOf(found));
      }
    }
    return new TraceContext(fields);
  }
}
