package io.handfast.xds.text;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.core.StreamReadFeature;
import io.handfast.xds.resource.InvalidConfigException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads JSON, strictly, within the bounds of {@link Tree}. */
public final class JsonReader {

  private static final Pattern SOURCE = Pattern.compile("Source: [^;]*; (?=line: )");

  private JsonReader() {}

  /**
   * Reads one document.
   *
   * @param text the document
   * @param maxLength bound of its length in characters
   * @return empty if there is none
   * @throws InvalidConfigException with line and column of what is not JSON
   */
  public static Optional<Tree> read(String text, int maxLength) throws InvalidConfigException {
    JsonFactory factory =
        JsonFactory.builder()
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .streamReadConstraints(
                StreamReadConstraints.builder()
                    .maxNestingDepth(Tree.MAX_DEPTH)
                    .maxDocumentLength(maxLength)
                    .maxTokenCount(2L * Tree.MAX_NODES)
                    .build())
            .build();
    try (JsonParser parser = factory.createParser(text)) {
      JsonToken first = parser.nextToken();
      if (first == null) {
        return Optional.empty();
      }
      Tree tree = tree(parser, first);
      if (parser.nextToken() != null) {
        throw new InvalidConfigException(
            "", "text after the end of the document (expected: one JSON value)");
      }
      return Optional.of(tree);
    } catch (JsonProcessingException e) {
      String where =
          e.getLocation() == null
              ? ""
              : "line "
                  + e.getLocation().getLineNr()
                  + ", column "
                  + e.getLocation().getColumnNr()
                  + ": ";
      throw new InvalidConfigException("", where + problem(e) + " (expected: JSON)");
    } catch (IOException e) {
      throw new IllegalStateException("a string cannot fail to be read", e);
    }
  }

  /** Without what the parser says of its source, which is a string and has no name. */
  private static String problem(JsonProcessingException failure) {
    return SOURCE.matcher(failure.getOriginalMessage()).replaceAll("");
  }

  private static Tree tree(JsonParser parser, JsonToken token) throws IOException {
    return switch (token) {
      case START_OBJECT -> {
        List<Tree.Entry> entries = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
          String name = parser.currentName();
          entries.add(new Tree.Entry(name, tree(parser, parser.nextToken())));
        }
        yield new Tree.Mapping(entries);
      }
      case START_ARRAY -> {
        List<Tree> values = new ArrayList<>();
        for (JsonToken next = parser.nextToken();
            next != JsonToken.END_ARRAY;
            next = parser.nextToken()) {
          values.add(tree(parser, next));
        }
        yield new Tree.Sequence(values);
      }
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT ->
          new Tree.Scalar(Tree.Kind.NUMBER, parser.getText());
      case VALUE_TRUE, VALUE_FALSE -> new Tree.Scalar(Tree.Kind.BOOLEAN, parser.getText());
      case VALUE_NULL -> new Tree.Scalar(Tree.Kind.NULL, "null");
      default -> new Tree.Scalar(Tree.Kind.STRING, parser.getText());
    };
  }
}
