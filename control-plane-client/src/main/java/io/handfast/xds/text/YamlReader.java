package io.handfast.xds.text;

import io.handfast.xds.resource.InvalidConfigException;
import java.io.StringReader;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import org.yaml.snakeyaml.DumperOptions;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.error.Mark;
import org.yaml.snakeyaml.error.MarkedYAMLException;
import org.yaml.snakeyaml.error.YAMLException;
import org.yaml.snakeyaml.nodes.MappingNode;
import org.yaml.snakeyaml.nodes.Node;
import org.yaml.snakeyaml.nodes.NodeTuple;
import org.yaml.snakeyaml.nodes.ScalarNode;
import org.yaml.snakeyaml.nodes.SequenceNode;

/**
 * Reads YAML with the scalars of YAML 1.2's core schema: {@code yes} and {@code 012} are strings,
 * as Envoy reads them. Anchors and aliases are expanded, within the bounds of {@link Tree}. No
 * object but a {@link Tree} is ever made of a document.
 */
public final class YamlReader {

  private static final Pattern NUMBER =
      Pattern.compile(
          "[-+]?(0|[1-9][0-9]*)(\\.[0-9]*)?([eE][-+]?[0-9]+)?|[-+]?\\.[0-9]+([eE][-+]?[0-9]+)?");
  private static final Set<String> BOOLEANS =
      Set.of("true", "True", "TRUE", "false", "False", "FALSE");
  private static final Set<String> NULLS = Set.of("", "~", "null", "Null", "NULL");

  private int nodes;

  private YamlReader() {}

  /**
   * Reads one document.
   *
   * @param text the document
   * @param maxLength bound of its length in characters
   * @return empty if there is none
   * @throws InvalidConfigException with line and column of what is not YAML
   */
  public static Optional<Tree> read(String text, int maxLength) throws InvalidConfigException {
    return parse(
        maxLength,
        (yaml, reader) -> {
          Node root = yaml.compose(new StringReader(text));
          return root == null ? Optional.empty() : Optional.of(reader.tree(root, 0));
        });
  }

  /**
   * Reads every document of a stream, which {@code ---} parts; one without a value is left out.
   *
   * @param text the documents
   * @param maxLength bound of their length in characters, all together
   * @return by their number, the first being 1
   * @throws InvalidConfigException with line and column of what is not YAML
   */
  public static SortedMap<Integer, Tree> readAll(String text, int maxLength)
      throws InvalidConfigException {
    return parse(
        maxLength,
        (yaml, reader) -> {
          SortedMap<Integer, Tree> documents = new TreeMap<>();
          int number = 0;
          for (Node root : yaml.composeAll(new StringReader(text))) {
            number++;
            Tree document = reader.tree(root, 0);
            if (!(document instanceof Tree.Scalar scalar && scalar.kind() == Tree.Kind.NULL)) {
              documents.put(number, document);
            }
          }
          return documents;
        });
  }

  /** Takes what it needs out of the parser. */
  @FunctionalInterface
  private interface Taking<T> {
    T take(Yaml yaml, YamlReader reader) throws InvalidConfigException;
  }

  private static <T> T parse(int maxLength, Taking<T> taking) throws InvalidConfigException {
    LoaderOptions options = new LoaderOptions();
    options.setCodePointLimit(maxLength);
    options.setNestingDepthLimit(Tree.MAX_DEPTH);
    try {
      return taking.take(new Yaml(options), new YamlReader());
    } catch (MarkedYAMLException e) {
      throw new InvalidConfigException(
          "", where(e.getProblemMark()) + e.getProblem() + " (expected: YAML)");
    } catch (YAMLException e) {
      throw new InvalidConfigException("", e.getMessage() + " (expected: YAML)");
    }
  }

  private Tree tree(Node node, int depth) throws InvalidConfigException {
    if (++nodes > Tree.MAX_NODES || depth > Tree.MAX_DEPTH) {
      throw new InvalidConfigException(
          "",
          where(node.getStartMark())
              + "too large with its aliases expanded (expected: at most "
              + Tree.MAX_NODES
              + " values, nested at most "
              + Tree.MAX_DEPTH
              + " deep)");
    }
    return switch (node) {
      case ScalarNode scalar -> scalar(scalar);
      case SequenceNode sequence -> sequence(sequence, depth);
      case MappingNode mapping -> mapping(mapping, depth);
      default ->
          throw new InvalidConfigException(
              "", where(node.getStartMark()) + "an alias to nothing (expected: a value)");
    };
  }

  private Tree sequence(SequenceNode sequence, int depth) throws InvalidConfigException {
    List<Tree> values = new ArrayList<>(sequence.getValue().size());
    for (Node value : sequence.getValue()) {
      values.add(tree(value, depth + 1));
    }
    return new Tree.Sequence(values);
  }

  private Tree mapping(MappingNode mapping, int depth) throws InvalidConfigException {
    List<Tree.Entry> entries = new ArrayList<>(mapping.getValue().size());
    Set<String> names = new HashSet<>();
    for (NodeTuple tuple : mapping.getValue()) {
      if (!(tuple.getKeyNode() instanceof ScalarNode key)) {
        throw new InvalidConfigException(
            "",
            where(tuple.getKeyNode().getStartMark())
                + "a key that is no text (expected: a field's name)");
      }
      if (!names.add(key.getValue())) {
        throw new InvalidConfigException(
            "",
            where(key.getStartMark())
                + "'"
                + key.getValue()
                + "' twice in one mapping (expected: once)");
      }
      entries.add(new Tree.Entry(key.getValue(), tree(tuple.getValueNode(), depth + 1)));
    }
    return new Tree.Mapping(entries);
  }

  private static Tree scalar(ScalarNode node) {
    String text = node.getValue();
    if (node.getScalarStyle() != DumperOptions.ScalarStyle.PLAIN) {
      return new Tree.Scalar(Tree.Kind.STRING, text);
    }
    if (NULLS.contains(text)) {
      return new Tree.Scalar(Tree.Kind.NULL, "null");
    }
    if (BOOLEANS.contains(text)) {
      return new Tree.Scalar(Tree.Kind.BOOLEAN, text.toLowerCase(java.util.Locale.ROOT));
    }
    return new Tree.Scalar(
        NUMBER.matcher(text).matches() ? Tree.Kind.NUMBER : Tree.Kind.STRING, text);
  }

  private static String where(@Nullable Mark mark) {
    return mark == null
        ? ""
        : "line " + (mark.getLine() + 1) + ", column " + (mark.getColumn() + 1) + ": ";
  }
}
