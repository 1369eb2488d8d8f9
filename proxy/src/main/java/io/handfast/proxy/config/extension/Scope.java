package io.handfast.proxy.config.extension;

import com.google.protobuf.Duration;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.FieldCheck;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Where in a configuration something stands, and where to say what is wrong with it. Confined to
 * the thread that compiles.
 *
 * @param path of the message, such as {@code static_resources.listeners[0]}; empty for the whole
 * @param errors takes what is wrong
 */
public record Scope(String path, ConfigErrors errors) {

  /** A field of the message. */
  public Scope field(String name) {
    return new Scope(path.isEmpty() ? name : path + "." + name, errors);
  }

  /** An element of a repeated field. */
  public Scope field(String name, int index) {
    return field(name + "[" + index + "]");
  }

  /** An entry of a map field. */
  public Scope entry(String name, String key) {
    return field(name + "[\"" + key + "\"]");
  }

  /** Notes what is wrong here. */
  public void error(String problem) {
    errors.add(path, problem);
  }

  /** Notes a value that is wrong here: {@code value (expected: …)}. */
  public void error(Object value, String expected) {
    errors.add(path, value, expected);
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
