package io.handfast.xds.resource;

import java.util.List;

/**
 * What we do with one field.
 *
 * @param status what becomes of it
 * @param values if not empty, the only values that the status holds for; every other value is
 *     refused
 * @param note why, or what to do instead; may be empty
 */
public record FieldRule(Status status, List<String> values, String note) {

  /** What becomes of a field that is set. */
  public enum Status {
    /** It does what Envoy's documentation says. */
    HONOURED,
    /** It only observes or tunes; it has no effect, and is listed once in the log. */
    OBSERVED,
    /** It would change traffic and we do not do it: an error. */
    REFUSED
  }

  static final FieldRule UNLISTED = new FieldRule(Status.REFUSED, List.of(), "");

  public FieldRule {
    values = List.copyOf(values);
  }
}
