package io.handfast.proxy.config.compile.tls;

import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.CertificateValidationContext;
import io.envoyproxy.envoy.extensions.transport_sockets.tls.v3.SubjectAltNameMatcher;
import io.handfast.proxy.config.compile.match.StringMatches;
import io.handfast.proxy.config.extension.Scope;
import io.handfast.proxy.config.match.StringMatch;
import io.handfast.proxy.config.tls.PeerValidation;
import io.handfast.proxy.config.tls.SanMatcher;
import io.handfast.proxy.config.tls.SanMatcher.SanType;
import io.handfast.proxy.config.tls.TlsSource;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** {@code CertificateValidationContext}. */
final class PeerValidationCompiler {

  private static final int SHA_256_BYTES = 32;
  private static final Pattern HEX = Pattern.compile("[0-9a-f]{64}");

  private PeerValidationCompiler() {}

  /** What a peer must prove, or null if that is wrong, which has been noted. */
  static @Nullable PeerValidation compile(CertificateValidationContext proto, Scope scope) {
    Optional<TlsSource> trustedCa =
        proto.hasTrustedCa()
            ? Optional.ofNullable(
                TlsContextCompiler.source(proto.getTrustedCa(), scope.field("trusted_ca")))
            : Optional.empty();
    List<SanMatcher> names = new ArrayList<>();
    for (int i = 0; i < proto.getMatchTypedSubjectAltNamesCount(); i++) {
      SanMatcher name =
          name(
              proto.getMatchTypedSubjectAltNames(i),
              scope.field("match_typed_subject_alt_names", i));
      if (name == null) {
        return null;
      }
      names.add(name);
    }
    for (int i = 0; i < proto.getVerifyCertificateSpkiCount(); i++) {
      checkKeyPin(proto.getVerifyCertificateSpki(i), scope.field("verify_certificate_spki", i));
    }
    List<String> certificatePins = new ArrayList<>();
    for (int i = 0; i < proto.getVerifyCertificateHashCount(); i++) {
      String pin = proto.getVerifyCertificateHash(i).replace(":", "").toLowerCase(Locale.ROOT);
      if (!HEX.matcher(pin).matches()) {
        scope
            .field("verify_certificate_hash", i)
            .error(
                proto.getVerifyCertificateHash(i),
                "the SHA-256 of a certificate in hexadecimal, with or without colons");
      }
      certificatePins.add(pin);
    }
    return scope.build(() ->
        new PeerValidation(
            trustedCa,
            names,
            proto.getVerifyCertificateSpkiList(),
            certificatePins,
            TlsContextCompiler.directory(
                proto.hasWatchedDirectory(),
                proto.getWatchedDirectory().getPath(),
                scope.field("watched_directory"))));
  }

  private static void checkKeyPin(String pin, Scope scope) {
    boolean sound;
    try {
      sound = Base64.getDecoder().decode(pin).length == SHA_256_BYTES;
    } catch (IllegalArgumentException e) {
      sound = false;
    }
    if (!sound) {
      scope.error(pin, "the SHA-256 of a public key in Base64");
    }
  }

  private static @Nullable SanMatcher name(SubjectAltNameMatcher proto, Scope scope) {
    StringMatch match = StringMatches.compile(proto.getMatcher(), scope.field("matcher"));
    SanType type =
        switch (proto.getSanType()) {
          case EMAIL -> SanType.EMAIL;
          case DNS -> SanType.DNS;
          case URI -> SanType.URI;
          case IP_ADDRESS -> SanType.IP_ADDRESS;
          // Refused by the table of fields.
          case OTHER_NAME, SAN_TYPE_UNSPECIFIED, UNRECOGNIZED -> null;
        };
    return match == null || type == null ? null : new SanMatcher(type, match);
  }
}
