package io.handfast.xds.protocol;

/** Which timer; at most one runs under a key. */
public sealed interface TimerKey {

  /** A resource that was asked for has not come. */
  record Absent(String typeUrl, String name) implements TimerKey {}

  /** A NACK that was kept back may go. */
  record Nack(String typeUrl) implements TimerKey {}

  /** A resource's TTL. */
  record Ttl(String typeUrl, String name) implements TimerKey {}
}
