package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KeyValue;
import io.handfast.tx.port.TransactionStore.WriteCallback;
import java.util.Map;

/** The two ends that every write has alike. */
abstract class Ends implements Write.Callback {
  static final WriteCallback IGNORED =
      new WriteCallback() {
        @Override
        public void onDurable() {}

        @Override
        public void onRefused(String reason) {}

        @Override
        public void onInDoubt(String reason) {}
      };

  /** Nobody waits for it. */
  static final Write.Callback UNHEARD =
      new Ends(IGNORED) {
        @Override
        public void onApplied(long revision, int attempts) {}

        @Override
        public void onFailed(Map<ByteSequence, KeyValue> found, int attempts) {}
      };

  private final WriteCallback callback;

  Ends(WriteCallback callback) {
    this.callback = callback;
  }

  @Override
  public void onRefused(String reason) {
    callback.onRefused(reason);
  }

  @Override
  public void onInDoubt(String reason) {
    callback.onInDoubt(reason);
  }

  /** Runs something before whatever is told. */
  static WriteCallback after(Runnable first, WriteCallback callback) {
    return new WriteCallback() {
      @Override
      public void onDurable() {
        first.run();
        callback.onDurable();
      }

      @Override
      public void onLost(String reason) {
        first.run();
        callback.onLost(reason);
      }

      @Override
      public void onRefused(String reason) {
        first.run();
        callback.onRefused(reason);
      }

      @Override
      public void onRefusedForGood(String reason) {
        first.run();
        callback.onRefusedForGood(reason);
      }

      @Override
      public void onInDoubt(String reason) {
        first.run();
        callback.onInDoubt(reason);
      }
    };
  }
}
