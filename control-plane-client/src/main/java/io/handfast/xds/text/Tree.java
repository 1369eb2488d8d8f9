package io.handfast.xds.text;

import java.util.List;

/** A YAML or JSON document: what both have in common. Immutable. */
public sealed interface Tree {

  /** Bound of the entries of a document, aliases expanded. */
  int MAX_NODES = 2_000_000;

  /** Bound of the nesting of a document. */
  int MAX_DEPTH = 200;

  /** What a reader calls it. */
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
      return kind == Kind.STRING ? "'" + text + "'" : text;
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
