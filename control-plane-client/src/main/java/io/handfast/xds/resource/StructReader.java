package io.handfast.xds.resource;

import com.google.protobuf.Message;
import com.google.protobuf.Struct;

/** Makes a message of an untyped struct, which has the JSON form of the message. */
@FunctionalInterface
public interface StructReader {

  /**
   * Lays a struct over a message.
   *
   * @param path of the message
   * @param types messages that may stand in an {@code Any} in it
   * @param errors takes what does not fit, each with its path inside
   */
  void read(
      Struct struct, Message.Builder into, String path, TypeRegistry types, ConfigErrors errors);
}
