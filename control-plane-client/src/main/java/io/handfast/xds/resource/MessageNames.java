package io.handfast.xds.resource;

import com.google.protobuf.Message;
import java.util.List;
import java.util.Map;

/**
 * Full names of messages, without their descriptors: a descriptor is made with those of its file
 * and of all files that this one imports, which takes a tenth of a start where it is done for every
 * message that a configuration may name. Pure functions.
 */
public final class MessageNames {

  /**
   * Packages of Java, and what stands for them in protobuf, where every message is a file's own.
   */
  private static final List<Map.Entry<String, String>> PACKAGES =
      List.of(
          Map.entry("io.envoyproxy.envoy.", "envoy."),
          Map.entry("io.handfast.transaction.", "handfast.transaction."),
          Map.entry("com.github.xds.", "xds."),
          Map.entry("com.github.udpa.udpa.", "udpa."));

  private MessageNames() {}

  /** The full name of a message's type; that of others, and of nested ones, by its descriptor. */
  public static String of(Message message) {
    String name = message.getClass().getName();
    if (name.indexOf('$') < 0) {
      for (Map.Entry<String, String> each : PACKAGES) {
        if (name.startsWith(each.getKey())) {
          return each.getValue() + name.substring(each.getKey().length());
        }
      }
    }
    return message.getDescriptorForType().getFullName();
  }
}
