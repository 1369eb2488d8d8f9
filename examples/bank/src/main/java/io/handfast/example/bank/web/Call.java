package io.handfast.example.bank.web;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.DatabindException;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.json.JsonMapper;
import java.util.List;
import java.util.Map;

/**
 * One request, read whole.
 *
 * @param path the values of the route template's {@code {names}}
 * @param query the query parameters; the last one of a name counts
 * @param headers all values by lower-case name
 * @param body empty for none
 */
public record Call(
    Map<String, String> path,
    Map<String, String> query,
    Map<String, List<String>> headers,
    String body) {

  public static final ObjectMapper JSON =
      JsonMapper.builder().disable(DeserializationFeature.ACCEPT_FLOAT_AS_INT).build();

  /** The value of a {@code {name}} in the route's own template. */
  public String pathValue(String name) {
    String value = path.get(name);
    if (value == null) {
      throw new IllegalStateException("no {" + name + "} in the route's template");
    }
    return value;
  }

  public String requiredQuery(String name) {
    String value = query.get(name);
    if (value == null) {
      throw Problem.badRequest("query parameter " + name + ": missing (expected: a value)");
    }
    return value;
  }

  public long requiredQueryNumber(String name) {
    return number(name, requiredQuery(name));
  }

  public int limit() {
    String value = query.get("limit");
    long limit = value == null ? 1000 : number("limit", value);
    return Math.clamp(limit, 1, 100_000);
  }

  /** What the calls that are made meanwhile carry on. */
  public TraceContext trace() {
    return TraceContext.read(name -> headers.getOrDefault(name, List.of()));
  }

  private static long number(String name, String value) {
    try {
      return Long.parseLong(value);
    } catch (NumberFormatException e) {
      throw Problem.badRequest(
          "query parameter " + name + ": " + value + " (expected: a whole number)");
    }
  }

  /** Reads the body as JSON; fields that the type does not know are refused by name. */
  public <T> T json(Class<T> type) {
    try {
      T value = JSON.readValue(body, type);
      if (value == null) {
        throw Problem.badRequest("body: null (expected: a JSON object)");
      }
      return value;
    } catch (DatabindException e) {
      if (e.getCause() instanceof Problem problem) {
        throw problem;
      }
      throw Problem.badRequest("body: " + e.getOriginalMessage());
    } catch (JsonProcessingException e) {
      throw Problem.badRequest("body: not JSON (" + e.getOriginalMessage() + ")");
    }
  }
}
