package io.handfast.tx.explorer.etcd;

import io.handfast.tx.explorer.search.Fingerprint;

/** A service, with one reservation; its replicas share it. Changed only while a move is made. */
@SuppressWarnings("EnumOrdinal") // a state is bits: nothing keeps them longer than a search
final class Tried {
  /** What its reservation has come to. */
  enum Effect {
    NONE,
    RESERVED,
    CONFIRMED,
    CANCELLED
  }

  Effect effect = Effect.NONE;

  /** It is at the Try that this process of its first sidecar sent, which waits for the answer. */
  boolean trying;

  int process;
  boolean working;

  /** Its calls, two bits for each: 0 not made, 1 under way, 2 succeeded, 3 failed. */
  int calls;

  Tried copy() {
    Tried copy = new Tried();
    copy.effect = effect;
    copy.trying = trying;
    copy.process = process;
    copy.working = working;
    copy.calls = calls;
    return copy;
  }

  void describe(Fingerprint into) {
    into.add(
        (long) calls << 32
            | process << 16
            | effect.ordinal() << 8
            | (trying ? 2 : 0)
            | (working ? 1 : 0));
  }

  int call(int node) {
    return (calls >> (2 * node)) & 3;
  }

  void call(int node, int result) {
    calls = (calls & ~(3 << (2 * node))) | (result << (2 * node));
  }
}
