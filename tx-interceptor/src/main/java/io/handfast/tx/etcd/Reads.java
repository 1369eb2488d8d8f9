package io.handfast.tx.etcd;

import io.etcd.jetcd.ByteSequence;
import io.etcd.jetcd.KV;
import io.etcd.jetcd.KeyValue;
import io.etcd.jetcd.options.GetOption;
import io.handfast.tx.port.EngineLoop;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Linearizable reads: what they tell was true after they were asked. Confined to the engine's loop.
 */
final class Reads {
  /** Keys in one answer, where their records are small. */
  private static final int PAGE = 512;

  /** By how much a page gets smaller that was not answered: it may have been too large. */
  private static final int SHRINK = 8;

  private final KV kv;
  private final EngineLoop loop;

  Reads(KV kv, EngineLoop loop) {
    this.kv = kv;
    this.loop = loop;
  }

  /**
   * What was read, or why it was not.
   *
   * @param tooLarge for one answer
   */
  record Answer(@Nullable List<KeyValue> values, String reason, boolean tooLarge) {}

  /** One key: a list of at most one. */
  void one(ByteSequence key, Consumer<Answer> reply) {
    get(key, GetOption.DEFAULT, reply);
  }

  /** All keys that begin so, page by page. */
  void all(ByteSequence prefix, boolean keysOnly, Consumer<Answer> reply) {
    page(prefix, prefix, PAGE, keysOnly, new ArrayList<>(), reply);
  }

  private void page(
      ByteSequence prefix,
      ByteSequence from,
      int size,
      boolean keysOnly,
      List<KeyValue> sofar,
      Consumer<Answer> reply) {
    GetOption option =
        GetOption.builder().withRange(end(prefix)).withLimit(size).withKeysOnly(keysOnly).build();
    get(
        from,
        option,
        answer -> {
          if (answer.values() == null) {
            if (answer.tooLarge() && size > 1) {
              page(prefix, from, Math.max(1, size / SHRINK), keysOnly, sofar, reply);
            } else {
              reply.accept(answer);
            }
            return;
          }
          sofar.addAll(answer.values());
          if (answer.values().size() < size) {
            reply.accept(new Answer(sofar, "", false));
          } else {
            page(prefix, after(sofar.getLast().getKey()), size, keysOnly, sofar, reply);
          }
        });
  }

  /** The first key behind all that begin so; our prefixes end in a slash. */
  private static ByteSequence end(ByteSequence prefix) {
    byte[] bytes = prefix.getBytes();
    bytes[bytes.length - 1]++;
    return ByteSequence.from(bytes);
  }

  private static ByteSequence after(ByteSequence key) {
    byte[] bytes = key.getBytes();
    byte[] next = new byte[bytes.length + 1];
    System.arraycopy(bytes, 0, next, 0, bytes.length);
    return ByteSequence.from(next);
  }

  private void get(ByteSequence key, GetOption option, Consumer<Answer> reply) {
    Once once = new Once(reply);
    EngineLoop.Timer timeout =
        loop.schedule(
            BatchWriter.PATIENCE.toNanos(),
            () -> once.accept(new Answer(null, "etcd: no answer in time", false)));
    kv.get(key, option)
        .whenComplete((response, failure) ->
            loop.execute(() -> {
              timeout.cancel();
              once.accept(
                  failure == null
                      ? new Answer(response.getKvs(), "", false)
                      : new Answer(
                          null, EtcdErrors.reason(failure), EtcdErrors.isTooLarge(failure)));
            }));
  }

  /** The first answer counts. */
  private static final class Once implements Consumer<Answer> {
    private @Nullable Consumer<Answer> reply;

    Once(Consumer<Answer> reply) {
      this.reply = reply;
    }

    @Override
    public void accept(Answer answer) {
      Consumer<Answer> to = reply;
      reply = null;
      if (to != null) {
        to.accept(answer);
      }
    }
  }
}
