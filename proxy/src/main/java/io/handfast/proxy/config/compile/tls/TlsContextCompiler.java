package io.handfast.proxy.config.compile.tls;

import io.envoyproxy.envoy.config.core.v3.DataSource;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CommonTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.DownstreamTlsContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsParameters.TlsProtocol;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.tls.Alpn;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.TlsCertificate;
import io.handfast.proxy.config.tls.TlsConfig;
import io.handfast.proxy.config.tls.TlsContextConfig;
import io.handfast.proxy.config.tls.TlsParameters;
import io.handfast.proxy.config.tls.TlsSource;
import io.handfast.proxy.config.tls.TlsVersion;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What TLS contexts of both sides have. Reads no file: the configuration is compiled on an event
 * loop, and files are read where it is warmed.
 */
public final class TlsContextCompiler {

  private static final Set<String> APPLICATION_PROTOCOLS =
      Set.of(Alpn.HTTP2, Alpn.HTTP1, Alpn.POSTGRESQL);

  private TlsContextCompiler() {}

  /** What both sides have; null if something is wrong that leaves none. */
  public static @Nullable TlsContextConfig common(
      CommonTlsContext proto, Secrets secrets, Scope scope) {
    TlsParameters parameters = parameters(proto, scope.field("tls_params"));
    List<TlsCertificate> certificates = new ArrayList<>();
    for (int i = 0; i < proto.getTlsCertificatesCount(); i++) {
      TlsCertificate certificate =
          certificate(proto.getTlsCertificates(i), scope.field("tls_certificates", i));
      if (certificate != null) {
        certificates.add(certificate);
      }
    }
    for (int i = 0; i < proto.getTlsCertificateSdsSecretConfigsCount(); i++) {
      TlsCertificate certificate =
          secrets.certificate(
              proto.getTlsCertificateSdsSecretConfigs(i),
              scope.field("tls_certificate_sds_secret_configs", i));
      if (certificate != null) {
        certificates.add(certificate);
      }
    }
    Optional<PeerValidation> validation = validation(proto, secrets, scope);
    for (int i = 0; i < proto.getAlpnProtocolsCount(); i++) {
      if (!APPLICATION_PROTOCOLS.contains(proto.getAlpnProtocols(i))) {
        scope
            .field("alpn_protocols", i)
            .error("'" + proto.getAlpnProtocols(i) + "'", "h2, http/1.1 or postgresql");
      }
    }
    boolean sound =
        certificates.size()
                == proto.getTlsCertificatesCount() + proto.getTlsCertificateSdsSecretConfigsCount()
            && validation.isPresent() == isValidating(proto);
    return parameters == null || !sound
        ? null
        : new TlsContextConfig(
            parameters,
            certificates,
            validation,
            proto.getAlpnProtocolsList(),
            namesSecrets(proto) ? Optional.of(proto) : Optional.empty());
  }

  /** The server's side; null if something is wrong, which has been noted. */
  public static TlsConfig.@Nullable Downstream downstream(
      DownstreamTlsContext proto, Secrets secrets, Scope scope) {
    TlsContextConfig common =
        common(proto.getCommonTlsContext(), secrets, scope.field("common_tls_context"));
    Duration timeout =
        scope
            .field("session_timeout")
            .duration(
                proto.hasSessionTimeout(),
                proto.getSessionTimeout(),
                TlsConfig.Downstream.DEFAULT_SESSION_TIMEOUT);
    if (common == null) {
      return null;
    }
    return scope.build(() ->
        new TlsConfig.Downstream(
            common,
            proto.getRequireClientCertificate().getValue(),
            proto.getRequireSni().getValue(),
            timeout));
  }

  private static boolean isValidating(CommonTlsContext proto) {
    return proto.hasValidationContext()
        || proto.hasValidationContextSdsSecretConfig()
        || proto.hasCombinedValidationContext();
  }

  private static boolean namesSecrets(CommonTlsContext proto) {
    return proto.getTlsCertificateSdsSecretConfigsCount() > 0
        || proto.hasValidationContextSdsSecretConfig()
        || proto.hasCombinedValidationContext();
  }

  private static Optional<PeerValidation> validation(
      CommonTlsContext proto, Secrets secrets, Scope scope) {
    if (proto.hasValidationContext()) {
      return Optional.ofNullable(
          PeerValidationCompiler.compile(
              proto.getValidationContext(), scope.field("validation_context")));
    }
    if (proto.hasValidationContextSdsSecretConfig()) {
      return Optional.ofNullable(
          secrets.validation(
              proto.getValidationContextSdsSecretConfig(),
              CertificateValidationContext.getDefaultInstance(),
              scope.field("validation_context_sds_secret_config")));
    }
    if (proto.hasCombinedValidationContext()) {
      var combined = proto.getCombinedValidationContext();
      return Optional.ofNullable(
          secrets.validation(
              combined.getValidationContextSdsSecretConfig(),
              combined.getDefaultValidationContext(),
              scope
                  .field("combined_validation_context")
                  .field("validation_context_sds_secret_config")));
    }
    return Optional.empty();
  }

  private static @Nullable TlsParameters parameters(CommonTlsContext context, Scope scope) {
    var proto = context.getTlsParams();
    TlsParameters defaults = TlsParameters.DEFAULTS;
    List<String> suites = suites(proto.getCipherSuitesList(), scope);
    for (int i = 0; i < proto.getEcdhCurvesCount(); i++) {
      if (!TlsParameters.GROUPS.contains(proto.getEcdhCurves(i))) {
        scope
            .field("ecdh_curves", i)
            .error(proto.getEcdhCurves(i), "one of " + TlsParameters.GROUPS);
      }
    }
    return scope.build(() ->
        new TlsParameters(
            version(proto.getTlsMinimumProtocolVersion(), defaults.minimum()),
            version(proto.getTlsMaximumProtocolVersion(), defaults.maximum()),
            suites.isEmpty() ? defaults.cipherSuites() : suites,
            proto.getEcdhCurvesList()));
  }

  /** Old versions are refused by the table of fields. */
  private static TlsVersion version(TlsProtocol proto, TlsVersion byDefault) {
    return switch (proto) {
      case TLSv1_2 -> TlsVersion.TLS_1_2;
      case TLSv1_3 -> TlsVersion.TLS_1_3;
      case TLS_AUTO, TLSv1_0, TLSv1_1, UNRECOGNIZED -> byDefault;
    };
  }

  /** {@code [A|B]} is a group of equal preference to Envoy; here its order is one. */
  private static List<String> suites(List<String> entries, Scope scope) {
    List<String> suites = new ArrayList<>();
    for (int i = 0; i < entries.size(); i++) {
      String entry = entries.get(i);
      boolean group = entry.startsWith("[") && entry.endsWith("]");
      String bare = group ? entry.substring(1, entry.length() - 1) : entry;
      for (String suite : Arrays.asList(bare.split("\\|", -1))) {
        if (TlsParameters.CIPHER_SUITES.contains(suite)) {
          suites.add(suite);
        } else {
          scope
              .field("cipher_suites", i)
              .error("'" + suite + "'", "one of " + TlsParameters.CIPHER_SUITES);
        }
      }
    }
    return suites;
  }

  static @Nullable TlsCertificate certificate(
      io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.TlsCertificate proto, Scope scope) {
    TlsSource chain =
        required(
            proto.hasCertificateChain(),
            proto.getCertificateChain(),
            scope.field("certificate_chain"));
    TlsSource key =
        required(proto.hasPrivateKey(), proto.getPrivateKey(), scope.field("private_key"));
    Optional<TlsSource> password =
        proto.hasPassword()
            ? Optional.ofNullable(source(proto.getPassword(), scope.field("password")))
            : Optional.empty();
    Optional<Path> directory =
        directory(
            proto.hasWatchedDirectory(),
            proto.getWatchedDirectory().getPath(),
            scope.field("watched_directory"));
    return chain == null || key == null
        ? null
        : new TlsCertificate(chain, key, password, directory);
  }

  private static @Nullable TlsSource required(boolean set, DataSource proto, Scope scope) {
    if (!set) {
      scope.error("missing (expected: PEM, inline or in a file)");
      return null;
    }
    return source(proto, scope);
  }

  /** A source; null if there is none, which has been noted. */
  static @Nullable TlsSource source(DataSource proto, Scope scope) {
    return switch (proto.getSpecifierCase()) {
      case INLINE_STRING -> new TlsSource.Inline(proto.getInlineString());
      case INLINE_BYTES -> new TlsSource.Inline(proto.getInlineBytes().toStringUtf8());
      case FILENAME -> {
        Path path = path(proto.getFilename(), scope.field("filename"));
        yield path == null ? null : new TlsSource.File(path);
      }
      case ENVIRONMENT_VARIABLE -> new TlsSource.Variable(proto.getEnvironmentVariable());
      case SPECIFIER_NOT_SET -> null; // the check of fields has noted it
    };
  }

  static Optional<Path> directory(boolean set, String text, Scope scope) {
    return set ? Optional.ofNullable(path(text, scope.field("path"))) : Optional.empty();
  }

  private static @Nullable Path path(String text, Scope scope) {
    try {
      return Path.of(text);
    } catch (InvalidPathException e) {
      scope.error("'" + text + "'", "a path of this host");
      return null;
    }
  }
}
