package io.handfast.tx.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.handfast.tx.core.StoreId;
import java.time.Duration;
import java.util.HexFormat;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;

/** What comes before the first record: the client, and which store its prefix is. Thread-safe. */
final class Opening {
  /** What this version writes into {@code store}, before the id. */
  private static final String FORMAT = "handfast-etcd 1 ";

  /** Bytes of one answer: a page of records, or what a batch reads of those that stood there. */
  private static final int MAX_ANSWER_BYTES = 16 << 20;

  private static final Duration OPEN = Duration.ofSeconds(15);

  private Opening() {}

  static Client client(EtcdOptions options) {
    ClientBuilder builder =
        Client.builder()
            .endpoints(options.endpoints().toArray(String[]::new))
            .waitForReady(true)
            .maxInboundMessageSize(MAX_ANSWER_BYTES)
            .connectTimeout(Duration.ofSeconds(2))
            .keepaliveTime(Duration.ofSeconds(10))
            .keepaliveTimeout(Duration.ofSeconds(3));
    options
        .credentials()
        .ifPresent(
            user -> builder.user(Keys.bytes(user.user())).password(Keys.bytes(user.password())));
    options.tls().ifPresent(builder::sslContext);
    return builder.build();
  }

  /** The store's id: drawn now if it has none. */
  static CompletableFuture<String> storeId(Client client, Keys keys, RandomGenerator random) {
    byte[] drawn = new byte[16];
    random.nextBytes(drawn);
    String mine = FORMAT + HexFormat.of().formatHex(drawn);
    return client
        .getKVClient()
        .txn()
        .If(Records.absent(keys.store()))
        .Then(Op.put(keys.store(), Keys.bytes(mine), PutOption.DEFAULT))
        .Else(Records.get(keys.store()))
        .commit()
        .thenApply(response -> id(response.isSucceeded() ? mine : stands(response)));
  }

  private static String stands(TxnResponse response) {
    return Keys.text(response.getGetResponses().getFirst().getKvs().getFirst().getValue());
  }

  private static String id(String text) {
    if (!text.startsWith(FORMAT) || StoreId.parse("e." + text.substring(FORMAT.length())) == null) {
      throw new IllegalStateException(
          "store: '"
              + text
              + "' (expected: '"
              + FORMAT.strip()
              + " <id>'; a newer version wrote it, or the prefix is not Handfast's)");
    }
    return text.substring(FORMAT.length());
  }

  /** Waits: not for an event loop. */
  static <T> T await(CompletableFuture<T> asked, EtcdOptions options) throws EtcdOpenException {
    try {
      return asked.get(OPEN.toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new EtcdOpenException(EtcdErrors.reason(e), e);
    } catch (TimeoutException e) {
      throw new EtcdOpenException(
          "etcd: no answer from "
              + options.endpoints()
              + " within "
              + OPEN.toSeconds()
              + " s (expected: a cluster with a majority)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtcdOpenException("etcd: interrupted", e);
    }
  }
}
