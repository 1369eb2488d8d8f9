package io.handfast.proxy.config.compile.tls;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SdsSecretConfig;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.Secret;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsCertificate;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.xds.resource.Offered;
import io.handfast.xds.resource.XdstpName;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * {@code Secret}s, which TLS contexts name. One that a control plane has still to send stands for
 * itself: {@link TlsSource.Secret}. Immutable.
 *
 * @param known the secret of a name, if it is there
 */
public record Secrets(Function<String, Optional<Offered<Secret>>> known) {

  private static final CertificateValidationContext NOTHING =
      CertificateValidationContext.getDefaultInstance();

  /** Where none can be named. */
  public static final Secrets NONE = new Secrets(_ -> Optional.empty());

  /** What a secret holds, as far as it is right; what is wrong has been noted. */
  public record Parts(Optional<TlsCertificate> certificate, Optional<PeerValidation> validation) {}

  /** What a secret holds. */
  public static Parts parts(Secret secret, Scope scope) {
    return switch (secret.getTypeCase()) {
      case TLS_CERTIFICATE ->
          new Parts(Optional.ofNullable(certificate(secret, scope)), Optional.empty());
      case VALIDATION_CONTEXT ->
          new Parts(Optional.empty(), Optional.ofNullable(validation(secret, NOTHING, scope)));
      case SESSION_TICKET_KEYS, GENERIC_SECRET, TYPE_NOT_SET -> {
        scope.error(kind(secret), "tls_certificate or validation_context");
        yield new Parts(Optional.empty(), Optional.empty());
      }
    };
  }

  /** The certificate of a secret, or null if it says something else, which has been noted. */
  private static @Nullable TlsCertificate certificate(Secret secret, Scope scope) {
    if (!secret.hasTlsCertificate()) {
      scope.error(kind(secret), "tls_certificate");
      return null;
    }
    return TlsContextCompiler.certificate(
        secret.getTlsCertificate(), scope.field("tls_certificate"));
  }

  /** What a peer must prove by a secret, or null if that is wrong, which has been noted. */
  private static @Nullable PeerValidation validation(
      Secret secret, CertificateValidationContext defaults, Scope scope) {
    if (!secret.hasValidationContext()) {
      scope.error(kind(secret), "validation_context");
      return null;
    }
    return PeerValidationCompiler.compile(
        defaults.toBuilder().mergeFrom(secret.getValidationContext()).build(),
        scope.field("validation_context"));
  }

  private static String kind(Secret secret) {
    return secret.getName() + ": " + secret.getTypeCase();
  }

  @Nullable TlsCertificate certificate(SdsSecretConfig proto, Scope scope) {
    String name = name(proto, scope);
    if (name == null) {
      return null;
    }
    Optional<Offered<Secret>> secret = known.apply(name);
    if (secret.isPresent()) {
      return certificate(secret.get().message(), place(secret.get(), scope));
    }
    TlsSource missing = new TlsSource.Secret(name);
    return mayCome(proto, scope)
        ? new TlsCertificate(missing, missing, Optional.empty(), Optional.empty())
        : null;
  }

  /**
   * What a peer must prove.
   *
   * @param defaults what the secret adds to
   */
  @Nullable PeerValidation validation(
      SdsSecretConfig proto, CertificateValidationContext defaults, Scope scope) {
    String name = name(proto, scope);
    if (name == null) {
      return null;
    }
    Optional<Offered<Secret>> secret = known.apply(name);
    if (secret.isPresent()) {
      return validation(secret.get().message(), defaults, place(secret.get(), scope));
    }
    return mayCome(proto, scope)
        ? new PeerValidation(
            Optional.of(new TlsSource.Secret(name)),
            List.of(),
            List.of(),
            List.of(),
            Optional.empty())
        : null;
  }

  private static Scope place(Offered<Secret> secret, Scope scope) {
    return new Scope(secret.path(), scope.errors());
  }

  private static @Nullable String name(SdsSecretConfig proto, Scope scope) {
    if (proto.getName().isEmpty()) {
      scope.field("name").error("missing (expected: the name of a secret)");
      return null;
    }
    return XdstpName.normalise(proto.getName());
  }

  private static boolean mayCome(SdsSecretConfig proto, Scope scope) {
    if (!proto.hasSdsConfig()) {
      scope
          .field("name")
          .error(proto.getName(), "one of static_resources.secrets, or an sds_config");
    }
    return proto.hasSdsConfig();
  }
}
