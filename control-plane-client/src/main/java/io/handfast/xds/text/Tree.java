package io.handfast.xds.text;

import java.util.List;

/** A YAML or JSON document: what both have in common. Immutable. */
public sealed interface Tree {

  /** Bound of the entries of a document, aliases expanded. */
  int MAX_NODES = 2_000_000;

  /** Bound of the nesting of a document. */
  int MAX_DEPTH = 200;

  /** How much of the first line of a value a reader is told, in characters. */
  int MAX_TOLD = 40;

  /** What a reader calls it; of a long value the beginning. */
  String describe();

  /** Names and values, in order; names are unique. */
  record Mapping(List<Entry> entries) implements Tree {
    public Mapping {
      entries = List.copyOf(entries);
    }

    @Override
    public String describe() {
      return "a mapping";
    }
  }

  /** One entry of a mapping. */
  record Entry(String name, Tree value) {}

  /** Values in order. */
  record Sequence(List<Tree> values) implements Tree {
    public Sequence {
      values = List.copyOf(values);
    }

    @Override
    public String describe() {
      return "a list";
    }
  }

  /** One value. */
  record Scalar(Kind kind, String text) implements Tree {
    @Override
    public String describe() {
      String told = told();
      return kind == Kind.STRING ? "'" + told + "'" : told;
    }

    private String told() {
      int line = text.indexOf('\n');
      int end = Math.min(line < 0 ? text.length() : line, MAX_TOLD);
      return end == text.length() ? text : text.substring(0, end) + "…";
    }
  }

  /** What a scalar is by its form alone. */
  enum Kind {
    STRING,
    NUMBER,
    BOOLEAN,
    NULL
  }
}
