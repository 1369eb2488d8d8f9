package io.handfast.proxy.server;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;
import java.security.NoSuchAlgorithmException;
import java.security.SecureRandom;
import java.util.Arrays;
import java.util.random.RandomGenerator;

/**
 * Numbers that are not to be foreseen, whatever was drawn before, for ids that are drawn on the
 * request path. The JDK's default {@link SecureRandom} has one lock for the process and reads from
 * the system behind it; here each thread draws from a generator of its own (NIST SP 800-90A
 * Hash_DRBG), seeded by the system at the thread's first draw, a batch at a time. Thread-safe.
 */
final class SecretRandom implements RandomGenerator {
  /** Numbers that are drawn at once: what some ten transactions need. */
  static final int BATCH = 64;

  private static final ThreadLocal<Batch> BATCHES = ThreadLocal.withInitial(Batch::new);

  @Override
  public long nextLong() {
    return BATCHES.get().next();
  }

  /** Confined to its thread. */
  private static final class Batch {
    private static final VarHandle LONGS =
        MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.nativeOrder());

    private final SecureRandom source = source();
    private final byte[] bytes = new byte[BATCH * Long.BYTES];
    private int at = bytes.length;

    private static SecureRandom source() {
      try {
        return SecureRandom.getInstance("DRBG");
      } catch (NoSuchAlgorithmException e) {
        throw new IllegalStateException(
            "SecureRandom: no DRBG in this Java (expected: JDK 25 with its provider SUN)", e);
      }
    }

    long next() {
      if (at == bytes.length) {
        source.nextBytes(bytes);
        at = 0;
      }
      long drawn = (long) LONGS.get(bytes, at);
      Arrays.fill(bytes, at, at + Long.BYTES, (byte) 0); // nobody finds it here later
      at += Long.BYTES;
      return drawn;
    }
  }
}
