package io.handfast.tx.resource;

import com.fasterxml.jackson.core.JsonPointer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.TextNode;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** One {@code {…}} of a callback template, by where its value comes from. Immutable. */
sealed interface Placeholder {

  Pattern SEGMENT = Pattern.compile("request\\.path\\[(\\d{1,3})]");
  Pattern NAMED = Pattern.compile("(request\\.query|request\\.header|response\\.header)\\.(\\S+)");
  Pattern POINTER = Pattern.compile("(request|response)\\.json(/.*)?");
  String KNOWN =
      "tx.id, branch.id, request.path, request.path[N], request.query.NAME, request.header.NAME,"
          + " request.json/POINTER, response.json/POINTER or response.header.NAME";

  /** The value with its JSON type, or null if this Try has none. */
  @Nullable JsonNode value(TryFacts facts);

  /** Whether the value is known only when the service has answered. */
  default boolean ofAnswer() {
    return false;
  }

  /** Whether the request's body has to be read. */
  default boolean ofRequestBody() {
    return false;
  }

  record Id(boolean branch) implements Placeholder {
    @Override
    public JsonNode value(TryFacts facts) {
      return TextNode.valueOf(branch ? facts.branchId() : facts.txId());
    }
  }

  record Path() implements Placeholder {
    @Override
    public JsonNode value(TryFacts facts) {
      return TextNode.valueOf(facts.path());
    }
  }

  record Segment(int index) implements Placeholder {
    @Override
    public @Nullable JsonNode value(TryFacts facts) {
      List<String> segments = facts.segments();
      return index < segments.size() && !segments.get(index).isEmpty()
          ? TextNode.valueOf(decode(segments.get(index).replace("+", "%2B")))
          : null;
    }
  }

  record Query(String name) implements Placeholder {
    @Override
    public @Nullable JsonNode value(TryFacts facts) {
      for (String pair : facts.query().split("&", -1)) {
        int equals = pair.indexOf('=');
        String key = equals < 0 ? pair : pair.substring(0, equals);
        if (decode(key).equals(name)) {
          return TextNode.valueOf(equals < 0 ? "" : decode(pair.substring(equals + 1)));
        }
      }
      return null;
    }
  }

  record RequestHeader(String name) implements Placeholder {
    @Override
    public @Nullable JsonNode value(TryFacts facts) {
      return text(facts.header().apply(name));
    }
  }

  record ResponseHeader(String name) implements Placeholder {
    @Override
    public @Nullable JsonNode value(TryFacts facts) {
      TryFacts.Answer answer = facts.answer();
      return answer == null ? null : text(answer.header().apply(name));
    }

    @Override
    public boolean ofAnswer() {
      return true;
    }
  }

  record Json(boolean ofAnswer, JsonPointer pointer) implements Placeholder {
    @Override
    public @Nullable JsonNode value(TryFacts facts) {
      TryFacts.Answer answer = facts.answer();
      JsonNode body = ofAnswer ? (answer == null ? null : answer.json()) : facts.json();
      JsonNode at = body == null ? null : body.at(pointer);
      return at == null || at.isMissingNode() ? null : at;
    }

    @Override
    public boolean ofRequestBody() {
      return !ofAnswer;
    }
  }

  /** Reads what stands between the braces. */
  static Placeholder parse(String text) throws TemplateException {
    return switch (text) {
      case "tx.id" -> new Id(false);
      case "branch.id" -> new Id(true);
      case "request.path" -> new Path();
      case String other -> parseWithArgument(other);
    };
  }

  private static Placeholder parseWithArgument(String text) throws TemplateException {
    Matcher segment = SEGMENT.matcher(text);
    if (segment.matches()) {
      return new Segment(Integer.parseInt(segment.group(1)));
    }
    Matcher named = NAMED.matcher(text);
    if (named.matches()) {
      String lower = named.group(2).toLowerCase(Locale.ROOT);
      return switch (named.group(1)) {
        case "request.query" -> new Query(named.group(2));
        case "request.header" -> new RequestHeader(lower);
        case String response -> new ResponseHeader(lower);
      };
    }
    Matcher pointer = POINTER.matcher(text);
    if (pointer.matches()) {
      String path = pointer.group(2) == null ? "" : pointer.group(2);
      return new Json(pointer.group(1).equals("response"), JsonPointer.compile(path));
    }
    throw new TemplateException("{" + text + "}: no such placeholder (expected: " + KNOWN + ")");
  }

  private static @Nullable JsonNode text(@Nullable String value) {
    return value == null ? null : TextNode.valueOf(value);
  }

  private static String decode(String encoded) {
    try {
      return URLDecoder.decode(encoded, StandardCharsets.UTF_8);
    } catch (IllegalArgumentException malformed) {
      return encoded; // a stray '%' stands for itself, as in browsers
    }
  }
}
