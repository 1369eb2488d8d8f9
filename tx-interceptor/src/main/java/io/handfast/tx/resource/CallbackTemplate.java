package io.handfast.tx.resource;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Value;
import com.google.protobuf.util.JsonFormat;
import io.handfast.transaction.v1.CallbackHeader;
import io.handfast.transaction.v1.CallbackRequest;
import io.handfast.transaction.v1.Completion;
import io.handfast.transaction.v1.Field;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One request to the local service with placeholders: compiled when the route is configured, filled
 * for each branch. Immutable.
 */
final class CallbackTemplate {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Set<String> METHODS = Set.of("POST", "PUT", "PATCH", "DELETE", "GET");

  /** Written by the sidecar itself; a template that set them would break framing or routing. */
  private static final Set<String> RESERVED =
      Set.of("host", "content-length", "transfer-encoding", "connection", "tx-context", "tx-vote");

  private record Header(String name, TextTemplate value) {}

  private final String method;
  private final TextTemplate path;
  private final List<Header> headers;
  private final @Nullable JsonTemplate json;
  private final List<Placeholder> placeholders;

  private CallbackTemplate(
      String method, TextTemplate path, List<Header> headers, @Nullable JsonTemplate json) {
    this.method = method;
    this.path = path;
    this.headers = List.copyOf(headers);
    this.json = json;
    List<Placeholder> all = new ArrayList<>(path.placeholders().toList());
    headers.forEach(header -> all.addAll(header.value().placeholders().toList()));
    if (json != null) {
      all.addAll(json.placeholders().toList());
    }
    this.placeholders = List.copyOf(all);
  }

  static CallbackTemplate compile(CallbackRequest request) throws TemplateException {
    String method =
        request.getMethod().isEmpty() ? "POST" : request.getMethod().toUpperCase(Locale.ROOT);
    if (!METHODS.contains(method)) {
      throw new TemplateException(
          "method: %s (expected: POST, PUT, PATCH, DELETE or GET)".formatted(request.getMethod()));
    }
    if (!request.getPath().startsWith("/") || request.getPath().indexOf('#') >= 0) {
      throw new TemplateException(
          "path: '%s' (expected: a path that begins with '/' and has no '#')"
              .formatted(request.getPath()));
    }
    List<Header> headers = new ArrayList<>();
    for (CallbackHeader header : request.getHeadersList()) {
      String name = header.getName().toLowerCase(Locale.ROOT);
      if (name.isEmpty() || RESERVED.contains(name)) {
        throw new TemplateException(
            "headers: '%s' (expected: a header that the sidecar does not write itself)"
                .formatted(header.getName()));
      }
      headers.add(new Header(name, TextTemplate.parse(header.getValue())));
    }
    JsonTemplate json = request.hasJson() ? JsonTemplate.compile(tree(request.getJson())) : null;
    return new CallbackTemplate(method, TextTemplate.parse(request.getPath()), headers, json);
  }

  boolean needsAnswer() {
    return placeholders.stream().anyMatch(Placeholder::ofAnswer);
  }

  boolean needsRequestBody() {
    return placeholders.stream().anyMatch(Placeholder::ofRequestBody);
  }

  /** The request with every placeholder filled in. */
  Completion.Builder fill(TryFacts facts) throws TemplateException {
    Completion.Builder completion =
        Completion.newBuilder().setMethod(method).setPath(path.renderPath(facts));
    for (Header header : headers) {
      String value = header.value().render(facts);
      if (value.chars().anyMatch(c -> (c < ' ' && c != '\t') || c == 0x7f)) {
        throw new TemplateException(
            header.name() + ": a value with control characters (expected: visible characters)");
      }
      completion.addHeaders(Field.newBuilder().setName(header.name()).setValue(value));
    }
    if (json != null) {
      completion.addHeaders(
          Field.newBuilder().setName("content-type").setValue("application/json"));
      completion.setBody(bytes(json.fill(facts)));
    }
    return completion;
  }

  private static JsonNode tree(Value json) throws TemplateException {
    try {
      return JSON.readTree(JsonFormat.printer().print(json));
    } catch (InvalidProtocolBufferException | JsonProcessingException e) {
      throw new TemplateException("json: " + e.getMessage() + " (expected: a JSON value)");
    }
  }

  private static ByteString bytes(JsonNode json) {
    try {
      return ByteString.copyFrom(JSON.writeValueAsBytes(json));
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a JSON tree that cannot be written", e);
    }
  }
}
