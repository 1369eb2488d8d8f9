package io.handfast.proxy.config.extension;

import com.google.protobuf.Duration;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.FieldCheck;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where in a configuration something stands, and where to say what is wrong with it. Its path is
 * put together when somebody reads it: of most there is nothing to say. Confined to the thread that
 * compiles.
 */
public final class Scope {

  private static final int NONE = -1;

  private final @Nullable Scope outer;
  private final String name;
  private final int index;
  private final ConfigErrors errors;

  /**
   * The place of a message.
   *
   * @param path such as {@code static_resources.listeners[0]}; empty for the whole
   * @param errors takes what is wrong
   */
  public Scope(String path, ConfigErrors errors) {
    this(null, path, NONE, errors);
  }

  private Scope(@Nullable Scope outer, String name, int index, ConfigErrors errors) {
    this.outer = outer;
    this.name = name;
    this.index = index;
    this.errors = errors;
  }

  /** The path of the message; empty for the whole. */
  public String path() {
    StringBuilder path = new StringBuilder();
    appendTo(path);
    return path.toString();
  }

  private void appendTo(StringBuilder path) {
    if (outer != null) {
      outer.appendTo(path);
      if (!path.isEmpty()) {
        path.append('.');
      }
    }
    path.append(name);
    if (index != NONE) {
      path.append('[').append(index).append(']');
    }
  }

  /** Takes what is wrong. */
  public ConfigErrors errors() {
    return errors;
  }

  /** A field of the message. */
  public Scope field(String field) {
    return new Scope(this, field, NONE, errors);
  }

  /** An element of a repeated field. */
  public Scope field(String field, int element) {
    return new Scope(this, field, element, errors);
  }

  /** An entry of a map field. */
  public Scope entry(String field, String key) {
    return field(field + "[\"" + key + "\"]");
  }

  /** Notes what is wrong here. */
  public void error(String problem) {
    errors.add(path(), problem);
  }

  /** Notes a value that is wrong here: {@code value (expected: …)}. */
  public void error(Object value, String expected) {
    errors.add(path(), value, expected);
  }

  /** A duration, or the default if it is not set or wrong. */
  public java.time.Duration duration(boolean set, Duration value, java.time.Duration byDefault) {
    if (!set) {
      return byDefault;
    }
    java.time.Duration duration =
        java.time.Duration.ofSeconds(value.getSeconds(), value.getNanos());
    if (duration.isNegative() || duration.compareTo(FieldCheck.MAX_DURATION) > 0) {
      error(value.getSeconds() + "s", "0s to " + FieldCheck.MAX_DURATION.toSeconds() + "s");
      return byDefault;
    }
    return duration;
  }

  /**
   * An unsigned number of 32 bits that must fit into an int; larger ones mean "no limit" and become
   * the largest int.
   */
  public static int clamped(int unsigned) {
    return unsigned < 0 ? Integer.MAX_VALUE : unsigned;
  }

  /**
   * What the constructor makes, or null if it refuses its arguments, which is noted with the name
   * that it gives.
   */
  public <T> @Nullable T build(Supplier<T> constructor) {
    try {
      return constructor.get();
    } catch (IllegalArgumentException e) {
      String message = String.valueOf(e.getMessage());
      int colon = message.indexOf(": ");
      if (colon < 0) {
        error(message);
      } else {
        field(message.substring(0, colon)).error(message.substring(colon + 2));
      }
      return null;
    }
  }
}
