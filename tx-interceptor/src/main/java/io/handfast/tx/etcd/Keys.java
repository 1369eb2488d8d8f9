package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.handfast.tx.core.BranchId;
import io.handfast.tx.core.TxId;
import java.nio.charset.StandardCharsets;

/**
 * The names of everything under a prefix. Immutable. Parts are ids and names that hold no {@code
 * /}.
 */
final class Keys {
  private final String prefix;

  Keys(String prefix) {
    this.prefix = prefix;
  }

  /** Format and id of the store: written once. */
  ByteSequence store() {
    return bytes(prefix + "/store");
  }

  /** All sidecars that live. */
  ByteSequence incarnations() {
    return bytes(prefix + "/incarnations/");
  }

  ByteSequence incarnation(String name) {
    return bytes(prefix + "/incarnations/" + name);
  }

  /** The name of an incarnation, from its key. */
  String incarnationName(ByteSequence key) {
    return text(key).substring((prefix + "/incarnations/").length());
  }

  ByteSequence decisions() {
    return bytes(prefix + "/decisions/");
  }

  /** COMMIT or ABORT of one transaction: whatever stands here first. */
  ByteSequence decision(TxId tx) {
    return bytes(prefix + "/decisions/" + tx);
  }

  /** All branches of a service. */
  ByteSequence branches(String service) {
    return bytes(prefix + "/branches/" + service + "/");
  }

  /** One branch-id, whoever runs it. */
  ByteSequence branches(String service, TxId tx, BranchId branch) {
    return bytes(prefix + "/branches/" + service + "/" + tx + "/" + branch + "/");
  }

  /** One branch at the participant under whose address it has voted (T10). */
  ByteSequence branch(String service, TxId tx, BranchId branch, String participant) {
    return bytes(prefix + "/branches/" + service + "/" + tx + "/" + branch + "/" + participant);
  }

  static String text(ByteSequence bytes) {
    return bytes.toString(StandardCharsets.UTF_8);
  }

  static ByteSequence bytes(String text) {
    return ByteSequence.from(text, StandardCharsets.UTF_8);
  }
}
