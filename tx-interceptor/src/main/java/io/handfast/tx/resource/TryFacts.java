package io.handfast.tx.resource;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is known of one Try when its completions are made: identity, request and, once it is there,
 * the answer.
 *
 * <p>Immutable as far as its functions are. Header names are asked for in lower case.
 *
 * @param txId 32 hex digits
 * @param branchId 16 hex digits
 * @param path the request's path without query, as received
 * @param query the request's query without {@code ?}, percent-encoded; empty if there is none
 * @param header value of a request header, or null
 * @param json the request's JSON body, or null if it has none
 * @param answer the service's answer, or null while there is none
 */
public record TryFacts(
    String txId,
    String branchId,
    String path,
    String query,
    Function<String, @Nullable String> header,
    @Nullable JsonNode json,
    @Nullable Answer answer) {

  /**
   * The service's answer to the Try.
   *
   * @param header value of a response header, or null
   * @param json the JSON body, or null if it has none
   */
  public record Answer(Function<String, @Nullable String> header, @Nullable JsonNode json) {}

  /** The same Try, answered. */
  public TryFacts answered(Answer given) {
    return new TryFacts(txId, branchId, path, query, header, json, given);
  }

  List<String> segments() {
    String trimmed = path.startsWith("/") ? path.substring(1) : path;
    return List.of(trimmed.split("/", -1));
  }
}
