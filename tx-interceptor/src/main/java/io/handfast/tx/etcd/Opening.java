package io.handfast.tx.etcd;

import io.etcd.jetcd.Client;
import io.etcd.jetcd.ClientBuilder;
import io.etcd.jetcd.kv.TxnResponse;
import io.etcd.jetcd.op.Op;
import io.etcd.jetcd.options.PutOption;
import io.handfast.tx.core.StoreId;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.HexFormat;
import java.util.Locale;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.random.RandomGenerator;
import java.util.regex.Pattern;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;

/** What comes before the first record: the client, and which store its prefix is. Thread-safe. */
final class Opening {
  /** What this version writes into {@code store}, before the id. */
  private static final String FORMAT = "handfast-etcd 1 ";

  /** Bytes of one answer: a page of records, or what a batch reads of those that stood there. */
  private static final int MAX_ANSWER_BYTES = 16 << 20;

  private static final Duration OPEN = Duration.ofSeconds(15);

  /** After which somebody is asked why there is no answer, and how long that may take. */
  private static final Duration LOOK = Duration.ofSeconds(3);

  /** Alerts, as the two implementations of TLS name them. */
  private static final Pattern OF_CERTIFICATES =
      Pattern.compile("bad_certificate|certificate_|unknown_ca");

  private Opening() {}

  static Client client(EtcdOptions options) {
    return client(options, true);
  }

  private static Client client(EtcdOptions options, boolean waits) {
    ClientBuilder builder =
        Client.builder()
            .endpoints(options.endpoints().toArray(String[]::new))
            .waitForReady(waits)
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

  /**
   * Waits: not for an event loop. Where one of the two does not accept the other's certificate it
   * says so, and soon: that does not heal by itself.
   */
  static <T> T await(CompletableFuture<T> asked, EtcdOptions options) throws EtcdOpenException {
    Throwable why = null;
    try {
      try {
        return asked.get(LOOK.toSeconds(), TimeUnit.SECONDS);
      } catch (TimeoutException e) {
        why = failure(options);
        if (asked.isDone()) {
          return asked.get(); // answered meanwhile
        }
        if (why != null && isOfCertificates(why)) {
          throw new EtcdOpenException(
              "etcd: "
                  + options.endpoints()
                  + " and this sidecar do not accept each other's certificates: "
                  + EtcdErrors.root(why)
                  + " (expected: a trusted_ca that vouches for etcd's certificate, and a"
                  + " certificate of this sidecar for which etcd's trusted-ca-file does)",
              why);
        }
      }
      return asked.get(OPEN.minus(LOOK).toSeconds(), TimeUnit.SECONDS);
    } catch (ExecutionException e) {
      throw new EtcdOpenException(EtcdErrors.reason(e), e);
    } catch (TimeoutException e) {
      throw new EtcdOpenException(
          "etcd: no answer from "
              + options.endpoints()
              + " within "
              + OPEN.toSeconds()
              + " s"
              + (why == null ? "" : ": " + EtcdErrors.root(why))
              + " (expected: a cluster with a majority)",
          e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new EtcdOpenException("etcd: interrupted", e);
    }
  }

  /** What becomes of a call that does not wait for a connection; null if nothing can be said. */
  private static @Nullable Throwable failure(EtcdOptions options) throws InterruptedException {
    try (Client impatient = client(options, false)) {
      impatient
          .getKVClient()
          .get(new Keys(options.prefix()).store())
          .get(LOOK.toSeconds(), TimeUnit.SECONDS);
      return null;
    } catch (ExecutionException e) {
      return e;
    } catch (TimeoutException e) {
      return null;
    }
  }

  /**
   * Whether this side refused the other's certificate, or was told so by an alert (RFC 8446, §6.2).
   * A handshake that was cut short is none, nor are other alerts: who is starting, or is behind a
   * proxy, may be there soon.
   */
  static boolean isOfCertificates(Throwable failure) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      boolean alert =
          cause instanceof SSLException
              && OF_CERTIFICATES
                  .matcher(String.valueOf(cause.getMessage()).toLowerCase(Locale.ROOT))
                  .find();
      if (alert || cause instanceof CertificateException) {
        return true;
      }
    }
    return false;
  }
}
