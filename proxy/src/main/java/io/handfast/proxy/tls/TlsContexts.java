package io.handfast.proxy.tls;

import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsCertificate;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.proxy.http.tls.CertificateInfo;
import io.handfast.proxy.stats.Counter;
import io.handfast.proxy.stats.Stats;
import io.handfast.xds.resource.ConfigErrors;
import io.handfast.xds.resource.InvalidConfigException;
import io.netty.handler.ssl.OpenSsl;
import io.netty.handler.ssl.SslContext;
import io.netty.handler.ssl.SslProvider;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionStage;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.LongSupplier;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import javax.net.ssl.SSLException;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Every TLS context of this process: read once before traffic comes, and again whenever a file of
 * theirs changes. What cannot be read then leaves the certificates that are in use.
 *
 * <p>Thread-safe. {@link #load} blocks on the disk; {@link #of} and {@link #retain} are for any
 * thread.
 */
public final class TlsContexts implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(TlsContexts.class);

  /** What Envoy shows without a certificate. */
  private static final long NO_EXPIRY = 0xffff_ffffL;

  /**
   * A context and where it stands.
   *
   * @param field of its {@code common_tls_context}, for errors
   */
  public record Placed(String field, TlsConfig config) {}

  /** A context and what has been read for it; written under {@link #lock} only. */
  private static final class Managed {
    final TlsContext context;
    final TlsContext halfClosing;
    final String field;
    volatile @Nullable TlsMaterial material;
    volatile @Nullable CertificateInfo certificate;
    String complaint = "";

    Managed(TlsConfig config, String field) {
      this.context = new TlsContext(config);
      this.halfClosing = new TlsContext(config);
      this.field = field;
    }

    void release() {
      context.renew(null);
      halfClosing.renew(null);
    }
  }

  private final Supplier<SslProvider> provider;
  private final LongSupplier epochMillis;
  private final Counter updates;
  private final Counter failures;
  private final Map<TlsConfig, Managed> contexts = new ConcurrentHashMap<>();
  private final Object lock = new Object();

  /** Whether it has been said that BoringSSL is missing. Under {@link #lock}. */
  private boolean warned;

  /** Whether nothing is made any more. Under {@link #lock}. */
  private boolean closed;

  /** What was asked for last: it is in use, or about to be. */
  private volatile Set<TlsConfig> latest = Set.of();

  /** What is in use; null as long as nobody has said. */
  private volatile @Nullable Set<TlsConfig> used;

  private final FileWatch watch = new FileWatch("handfast-tls", "certificates", this::reload);

  /** Loaded with the first certificate: it takes a sixth of the start of who has none. */
  private static final class Native {
    static final SslProvider PROVIDER =
        OpenSsl.isAvailable() ? SslProvider.OPENSSL_REFCNT : SslProvider.JDK;
  }

  /**
   * Contexts of BoringSSL, or of the JDK where it cannot be loaded.
   *
   * @param epochMillis time of day: certificates expire by it
   */
  public TlsContexts(Stats stats, LongSupplier epochMillis) {
    this(stats, epochMillis, () -> Native.PROVIDER);
  }

  TlsContexts(Stats stats, LongSupplier epochMillis, SslProvider provider) {
    this(stats, epochMillis, () -> provider);
  }

  private TlsContexts(Stats stats, LongSupplier epochMillis, Supplier<SslProvider> provider) {
    this.provider = provider;
    this.epochMillis = epochMillis;
    updates = stats.counter("tls.context_update");
    failures = stats.counter("tls.context_update_failure");
    stats.gauge("server.days_until_first_cert_expiring", this::daysUntilExpiry);
  }

  /**
   * Reads what these contexts need, all or nothing, and watches it from then on.
   *
   * @throws InvalidConfigException with everything that is wrong, each with its field and file
   */
  public void load(List<Placed> placed) throws InvalidConfigException {
    expect(placed);
    if (!placed.isEmpty()) {
      read(placed);
    }
  }

  private void expect(List<Placed> placed) {
    latest = placed.stream().map(Placed::config).collect(Collectors.toUnmodifiableSet());
  }

  private void read(List<Placed> placed) throws InvalidConfigException {
    ConfigErrors errors = new ConfigErrors();
    synchronized (lock) {
      if (closed) {
        return; // nobody would release it
      }
      if (!placed.isEmpty() && provider.get() == SslProvider.JDK && !warned) {
        warned = true;
        LOG.warn(
            "TLS by the JDK, which is slower: BoringSSL cannot be loaded: {}",
            String.valueOf(OpenSsl.unavailabilityCause()));
      }
      for (Placed one : placed) {
        Managed managed =
            contexts.computeIfAbsent(one.config(), config -> new Managed(config, one.field()));
        if (managed.material == null && one.config().common().isComplete()) {
          renew(managed, errors);
        }
        paths(one.config()).forEach(watch::add);
      }
    }
    watch.start();
    errors.throwIfAny();
  }

  /**
   * The same beside an event loop; fails with {@link InvalidConfigException}. What could not be
   * read refuses its connections until its files are mended.
   */
  public CompletionStage<@Nullable Void> warm(List<Placed> placed) {
    CompletableFuture<@Nullable Void> warm = new CompletableFuture<>();
    expect(placed);
    if (placed.isEmpty()) {
      warm.complete(null);
    } else {
      Thread.startVirtualThread(() -> {
        try {
          read(placed);
          warm.complete(null);
        } catch (InvalidConfigException | RuntimeException e) {
          warm.completeExceptionally(e);
        }
      });
    }
    return warm;
  }

  /** Everything that is wrong with the files of these contexts; nothing is kept. */
  public static void check(List<Placed> placed, long epochMillis, ConfigErrors errors) {
    for (Placed one : placed) {
      if (one.config().common().isComplete()) {
        MaterialLoader.load(
            one.field(), one.config().common(), Instant.ofEpochMilli(epochMillis), errors);
      }
    }
  }

  /**
   * Everything that is wrong with what a secret says; nothing is kept.
   *
   * @param place of the secret
   */
  public static void check(
      Scope place,
      Optional<TlsCertificate> certificate,
      Optional<PeerValidation> validation,
      long epochMillis) {
    MaterialLoader.check(place, certificate, validation, Instant.ofEpochMilli(epochMillis));
  }

  /**
   * Lets go of every other context but those that were asked for last, and of what was watched for
   * them. Connections keep theirs. Returns at once: certificates may be being read.
   *
   * @param inUse what connections to come may be made with
   */
  public void retain(Set<TlsConfig> inUse) {
    used = Set.copyOf(inUse);
    if (!contexts.isEmpty()) {
      Thread.startVirtualThread(this::forget);
    }
  }

  /** Of those that are in use by now, whatever has been said in between. */
  private void forget() {
    synchronized (lock) {
      Set<TlsConfig> kept = used;
      Set<TlsConfig> expected = latest;
      if (kept == null) {
        return;
      }
      List<Managed> gone =
          contexts.values().stream()
              .filter(it -> !kept.contains(it.context.config()))
              .filter(it -> !expected.contains(it.context.config()))
              .toList();
      if (!gone.isEmpty()) {
        gone.forEach(managed -> {
          contexts.remove(managed.context.config());
          managed.release();
        });
        watch.retain(
            contexts.keySet().stream()
                .flatMap(config -> paths(config).stream())
                .collect(Collectors.toSet()));
      }
    }
  }

  /** How many contexts there are. */
  int size() {
    return contexts.size();
  }

  /** The context of a configuration; without certificates if it has not been loaded. */
  public TlsContext of(TlsConfig config) {
    Managed managed = contexts.get(config);
    return managed == null ? new TlsContext(config) : managed.context;
  }

  /**
   * As {@link #of}, for connections on which each direction ends for itself: BoringSSL's engine
   * ends both with the first, the JDK's does not.
   */
  public TlsContext halfClosing(TlsConfig config) {
    Managed managed = contexts.get(config);
    return managed == null ? new TlsContext(config) : managed.halfClosing;
  }

  /** Our own certificate, the newest that was read; empty if none has been. */
  public Optional<CertificateInfo> certificate(TlsConfig config) {
    return Optional.ofNullable(contexts.get(config)).map(managed -> managed.certificate);
  }

  /** What contexts have read last, each once; nothing of those that wait for secrets. */
  public List<CertificatesInUse> inUse() {
    List<CertificatesInUse> all = new ArrayList<>();
    contexts.forEach((config, managed) -> {
      TlsMaterial material = managed.material;
      if (material != null) {
        all.add(CertificatesInUse.of(config, material));
      }
    });
    return all.stream().distinct().toList();
  }

  /** Reads everything again; on the watching thread. */
  void reload() {
    synchronized (lock) {
      for (Managed managed : contexts.values()) {
        try {
          reload(managed);
        } catch (RuntimeException e) {
          LOG.error("certificates not renewed after a bug: field={}", managed.field, e);
        }
      }
    }
  }

  private void reload(Managed managed) {
    ConfigErrors errors = new ConfigErrors();
    if (!managed.context.config().common().isComplete()) {
      return;
    }
    if (renew(managed, errors)) {
      managed.complaint = "";
      updates.inc();
      LOG.info("certificates renewed: field={}", managed.field);
    } else if (!errors.isEmpty()) {
      complain(managed, errors.list().toString());
    }
  }

  /** Whether something new was read and put to use. */
  private boolean renew(Managed managed, ConfigErrors errors) {
    TlsConfig config = managed.context.config();
    TlsMaterial fresh = MaterialLoader.load(managed.field, config.common(), now(), errors);
    TlsMaterial known = managed.material;
    if (fresh == null || (known != null && fresh.fingerprint().equals(known.fingerprint()))) {
      return false;
    }
    try {
      SslContext halfClosing = SslContexts.build(config, fresh, SslProvider.JDK);
      managed.context.renew(SslContexts.build(config, fresh, provider.get()));
      managed.halfClosing.renew(halfClosing);
    } catch (SSLException e) {
      errors.add(managed.field, "refused by the TLS library: " + e.getMessage());
      return false;
    }
    managed.material = fresh;
    managed.certificate =
        fresh.identities().isEmpty()
            ? null
            : new CertificateInfo(fresh.identities().getFirst().chain());
    return true;
  }

  /** Once for each complaint: files that are replaced one after the other do not fit meanwhile. */
  private void complain(Managed managed, String complaint) {
    if (!complaint.equals(managed.complaint)) {
      managed.complaint = complaint;
      failures.inc();
      LOG.warn("certificates not read, what is in use stays: {}", complaint);
    }
  }

  private static List<Path> paths(TlsConfig config) {
    List<Path> paths = new ArrayList<>();
    for (TlsCertificate certificate : config.common().certificates()) {
      file(certificate.chain()).ifPresent(paths::add);
      file(certificate.privateKey()).ifPresent(paths::add);
      certificate.password().flatMap(TlsContexts::file).ifPresent(paths::add);
      certificate.watchedDirectory().ifPresent(paths::add);
    }
    Optional<PeerValidation> validation = config.common().validation();
    validation.flatMap(PeerValidation::trustedCa).flatMap(TlsContexts::file).ifPresent(paths::add);
    validation.flatMap(PeerValidation::watchedDirectory).ifPresent(paths::add);
    return paths;
  }

  private static Optional<Path> file(TlsSource source) {
    return source instanceof TlsSource.File file ? Optional.of(file.path()) : Optional.empty();
  }

  long daysUntilExpiry() {
    return contexts.values().stream()
        .map(managed -> managed.material)
        .flatMap(material -> material == null ? Stream.empty() : material.expiry().stream())
        .min(Instant::compareTo)
        .map(first -> Math.max(0, Duration.between(now(), first).toDays()))
        .orElse(NO_EXPIRY);
  }

  private Instant now() {
    return Instant.ofEpochMilli(epochMillis.getAsLong());
  }

  /** Ends the watch and lets go of every context; connections keep theirs. */
  @Override
  public void close() {
    watch.close();
    synchronized (lock) {
      closed = true;
      contexts.values().forEach(Managed::release);
      contexts.clear();
    }
  }
}
