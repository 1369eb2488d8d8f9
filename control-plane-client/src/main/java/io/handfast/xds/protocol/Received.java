package io.handfast.xds.protocol;

import com.google.protobuf.Message;

/**
 * A resource that has come.
 *
 * @param name a federated one in its canonical form
 * @param version of the resource (delta) or of its response (state of the world)
 */
public record Received(String name, String version, Message message) {}
