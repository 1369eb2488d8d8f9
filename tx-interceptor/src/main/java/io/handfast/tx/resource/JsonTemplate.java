package io.handfast.tx.resource;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/** A JSON value whose strings are templates: values are put into the tree, never into its text. */
sealed interface JsonTemplate {

  /** A number, boolean or null. */
  record Constant(JsonNode value) implements JsonTemplate {}

  record Text(TextTemplate text) implements JsonTemplate {}

  record Elements(List<JsonTemplate> elements) implements JsonTemplate {}

  record Members(Map<String, JsonTemplate> members) implements JsonTemplate {}

  static JsonTemplate compile(JsonNode node) throws TemplateException {
    if (node.isTextual()) {
      return new Text(TextTemplate.parse(node.textValue()));
    }
    if (node instanceof ArrayNode array) {
      List<JsonTemplate> elements = new ArrayList<>();
      for (JsonNode element : array) {
        elements.add(compile(element));
      }
      return new Elements(elements);
    }
    if (node instanceof ObjectNode object) {
      Map<String, JsonTemplate> members = new LinkedHashMap<>();
      for (Map.Entry<String, JsonNode> member : object.properties()) {
        members.put(member.getKey(), compile(member.getValue()));
      }
      return new Members(members);
    }
    return new Constant(node);
  }

  /** The value with every placeholder filled in. */
  default JsonNode fill(TryFacts facts) throws TemplateException {
    return switch (this) {
      case Constant constant -> constant.value();
      case Text text -> text.text().renderJson(facts);
      case Elements list -> {
        ArrayNode filled = JsonNodeFactory.instance.arrayNode();
        for (JsonTemplate element : list.elements()) {
          filled.add(element.fill(facts));
        }
        yield filled;
      }
      case Members object -> {
        ObjectNode filled = JsonNodeFactory.instance.objectNode();
        for (Map.Entry<String, JsonTemplate> member : object.members().entrySet()) {
          filled.set(member.getKey(), member.getValue().fill(facts));
        }
        yield filled;
      }
    };
  }

  /** Every placeholder in it. */
  default Stream<Placeholder> placeholders() {
    return switch (this) {
      case Constant _ -> Stream.empty();
      case Text text -> text.text().placeholders();
      case Elements list -> list.elements().stream().flatMap(JsonTemplate::placeholders);
      case Members object -> object.members().values().stream().flatMap(JsonTemplate::placeholders);
    };
  }
}
